package io.laminardb.script;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.internal.arrow.ArrowSchemas;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;

/** Arrow batches of Java values, written with Arrow's own setters. */
public final class ArrowRows {
  private ArrowRows() {}

  /**
   * A batch of {@code rows}, which the caller closes.
   *
   * @param weights of each row; null for a schema that is not a changelog
   */
  public static VectorSchemaRoot root(
      Schema schema, List<Object[]> rows, byte[] weights, BufferAllocator allocator) {
    VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator);
    for (int c = 0; c < schema.size(); c++) {
      FieldVector vector = root.getVector(c);
      vector.allocateNew();
      for (int r = 0; r < rows.size(); r++) {
        Object value = rows.get(r)[c];
        if (value == null) {
          vector.setNull(r);
        } else {
          set(vector, r, schema.field(c).type(), value);
        }
      }
    }
    if (schema.isChangelog()) {
      BigIntVector vector = (BigIntVector) root.getVector(schema.size());
      vector.allocateNew();
      for (int r = 0; r < rows.size(); r++) {
        vector.setSafe(r, weights[r]);
      }
    }
    root.setRowCount(rows.size());
    return root;
  }

  private static void set(FieldVector vector, int row, DataType type, Object value) {
    switch (type.kind()) {
      case BOOLEAN -> ((BitVector) vector).setSafe(row, (Boolean) value ? 1 : 0);
      case TINYINT -> ((TinyIntVector) vector).setSafe(row, ((Number) value).intValue());
      case SMALLINT -> ((SmallIntVector) vector).setSafe(row, ((Number) value).intValue());
      case INTEGER -> ((IntVector) vector).setSafe(row, ((Number) value).intValue());
      case BIGINT -> ((BigIntVector) vector).setSafe(row, ((Number) value).longValue());
      case REAL -> ((Float4Vector) vector).setSafe(row, ((Number) value).floatValue());
      case DOUBLE -> ((Float8Vector) vector).setSafe(row, ((Number) value).doubleValue());
      case DECIMAL -> {
        BigDecimal decimal =
            value instanceof BigDecimal exact ? exact : new BigDecimal(value.toString());
        ((DecimalVector) vector).setSafe(row, decimal.setScale(type.scale()));
      }
      case VARCHAR ->
          ((VarCharVector) vector).setSafe(row, value.toString().getBytes(StandardCharsets.UTF_8));
      case VARBINARY -> ((VarBinaryVector) vector).setSafe(row, (byte[]) value);
      case DATE -> ((DateDayVector) vector).setSafe(row, (int) ((LocalDate) value).toEpochDay());
      case TIME ->
          ((TimeMicroVector) vector).setSafe(row, ((LocalTime) value).toNanoOfDay() / 1000);
      case TIMESTAMP, TIMESTAMP_LTZ ->
          ((TimeStampVector) vector).setSafe(row, epoch(value, type.nanosPerUnit()));
      case ARRAY -> setList((ListVector) vector, row, type.element(), (List<?>) value);
      case MAP -> {
        List<List<Object>> entries = new ArrayList<>();
        ((Map<?, ?>) value).forEach((k, v) -> entries.add(Arrays.asList(k, v)));
        setList((ListVector) vector, row, DataType.row(type.children()), entries);
      }
      case ROW ->
          setStruct(
              (StructVector) vector,
              row,
              type,
              value instanceof Map<?, ?> map ? new ArrayList<>(map.values()) : (List<?>) value);
    }
  }

  private static void setList(ListVector list, int row, DataType type, List<?> elements) {
    int start = list.startNewValue(row);
    for (int i = 0; i < elements.size(); i++) {
      setOrNull(list.getDataVector(), start + i, type, elements.get(i));
    }
    list.endValue(row, elements.size());
  }

  private static void setStruct(StructVector struct, int row, DataType type, List<?> fields) {
    struct.setIndexDefined(row);
    for (int i = 0; i < fields.size(); i++) {
      DataType field = type.children().get(i).type();
      setOrNull((FieldVector) struct.getChildByOrdinal(i), row, field, fields.get(i));
    }
  }

  private static void setOrNull(FieldVector vector, int row, DataType type, Object value) {
    while (vector.getValueCapacity() <= row) {
      vector.reAlloc();
    }
    if (value == null) {
      vector.setNull(row);
    } else {
      set(vector, row, type, value);
    }
  }

  /** Units since the epoch; the tests' times all fit. */
  private static long epoch(Object time, long nanosPerUnit) {
    Instant instant =
        time instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : (Instant) time;
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L / nanosPerUnit),
        instant.getNano() / nanosPerUnit);
  }
}
