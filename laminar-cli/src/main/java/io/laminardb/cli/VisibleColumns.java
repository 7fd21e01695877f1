package io.laminardb.cli;

import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.util.stream.IntStream;

/** The columns of a schema that {@code *} shows, by place. Immutable. */
final class VisibleColumns {
  private final Schema schema;
  private final int[] indexes;

  VisibleColumns(Schema schema) {
    this.schema = schema;
    this.indexes =
        IntStream.range(0, schema.size()).filter(i -> !schema.field(i).hidden()).toArray();
  }

  int count() {
    return indexes.length;
  }

  /** The index in the row of the visible column {@code place}. */
  int index(int place) {
    return indexes[place];
  }

  Field field(int place) {
    return schema.field(indexes[place]);
  }

  boolean isNumber(int place) {
    return isNumber(field(place).type().kind());
  }

  static boolean isNumber(Kind kind) {
    return switch (kind) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL -> true;
      case BOOLEAN, VARCHAR, VARBINARY, ARRAY, MAP, ROW, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          false;
    };
  }
}
