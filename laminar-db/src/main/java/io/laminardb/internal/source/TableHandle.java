package io.laminardb.internal.source;

import static java.util.Objects.requireNonNull;

import io.laminardb.RowWriter;
import io.laminardb.Table;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.row.ColumnRowWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Puts rows into a table and takes them out, through the handle of its source. */
public final class TableHandle implements Table {
  private static final byte[] NO_BYTES = {};

  private final PushSource rows;
  private final List<Integer> key;

  /**
   * @param rows the way in; this object's to close
   * @param key columns of the primary key; empty where there is none
   */
  public TableHandle(PushSource rows, List<Integer> key) {
    this.rows = requireNonNull(rows, "rows");
    this.key = List.copyOf(key);
  }

  @Override
  public String name() {
    return rows.name();
  }

  @Override
  public Schema schema() {
    return rows.schema();
  }

  @Override
  public void upsert(Object... values) {
    rows.push(values);
  }

  @Override
  public boolean tryUpsert(Object... values) {
    return rows.tryPush(values);
  }

  @Override
  public void upsert(VectorSchemaRoot root) {
    rows.push(root);
  }

  @Override
  public void delete(Object... values) {
    if (key.isEmpty() || values.length == schema().size()) {
      rows.retract(values);
      return;
    }
    if (values.length != key.size()) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              values.length
                  + " values for a key of "
                  + key.size()
                  + " of the "
                  + schema().size()
                  + " columns of table \""
                  + name()
                  + "\".")
          .mend("Give the values of the key, or of all columns.");
    }
    ColumnRowWriter writer = rows.writer();
    writer.start(true);
    try {
      for (int i = 0; i < schema().size(); i++) {
        int part = key.indexOf(i);
        if (part >= 0) {
          writer.setObject(i, values[part]);
        } else if (!schema().field(i).nullable()) {
          setAny(writer, i);
        }
      }
      writer.end(-1);
    } finally {
      writer.giveUp();
    }
  }

  /** Nobody looks at what stands beside the key of a row that goes, but NULL cannot stand there. */
  private void setAny(RowWriter writer, int column) {
    Field field = schema().field(column);
    switch (field.type().kind()) {
      case BOOLEAN -> writer.setBoolean(column, false);
      case TINYINT, SMALLINT, INTEGER, BIGINT -> writer.setLong(column, 0);
      case REAL, DOUBLE -> writer.setDouble(column, 0);
      case DECIMAL -> writer.setBigDecimal(column, BigDecimal.ZERO);
      case VARCHAR, VARBINARY -> writer.setBytes(column, NO_BYTES);
      case DATE -> writer.setDate(column, LocalDate.EPOCH);
      case TIME -> writer.setTime(column, LocalTime.MIDNIGHT);
      case TIMESTAMP, TIMESTAMP_LTZ -> writer.setInstant(column, Instant.EPOCH);
      default ->
          throw new LaminarException(
                  ErrorCode.SCHEMA_MISMATCH,
                  "column \"" + field.name() + "\" of table \"" + name() + "\" is NOT NULL.")
              .mend("Give the values of all columns.");
    }
  }

  @Override
  public RowWriter rows() {
    return rows.rows();
  }

  /** The way in, for records. */
  public PushSource source() {
    return rows;
  }

  @Override
  public Table another() {
    return new TableHandle((PushSource) rows.partition(), key);
  }

  @Override
  public void close() {
    rows.close();
  }
}
