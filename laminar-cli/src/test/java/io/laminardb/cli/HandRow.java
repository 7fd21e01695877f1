package io.laminardb.cli;

import io.laminardb.Row;
import io.laminardb.core.batch.Schema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** A row written by hand: Java objects of the types {@link Row#getObject(int)} answers. */
record HandRow(Schema schema, int weight, Object... values) implements Row {
  static HandRow of(Schema schema, Object... values) {
    return new HandRow(schema, 1, values);
  }

  @Override
  public int columnIndex(String column) {
    return schema.indexOf(column);
  }

  @Override
  public boolean isNull(int column) {
    return values[column] == null;
  }

  @Override
  public String getString(int column) {
    return values[column] == null ? null : values[column].toString();
  }

  @Override
  public boolean getBoolean(int column) {
    return (Boolean) values[column];
  }

  @Override
  public int getInt(int column) {
    return ((Number) values[column]).intValue();
  }

  @Override
  public long getLong(int column) {
    return ((Number) values[column]).longValue();
  }

  @Override
  public double getDouble(int column) {
    return ((Number) values[column]).doubleValue();
  }

  @Override
  public BigDecimal getBigDecimal(int column) {
    return new BigDecimal(values[column].toString());
  }

  @Override
  public LocalDateTime getTimestamp(int column) {
    return (LocalDateTime) values[column];
  }

  @Override
  public Instant getInstant(int column) {
    return getTimestamp(column).toInstant(ZoneOffset.UTC);
  }

  @Override
  public long getEpochNanos(int column) {
    return getInstant(column).getEpochSecond() * 1_000_000_000L;
  }

  @Override
  public LocalDate getDate(int column) {
    return (LocalDate) values[column];
  }

  @Override
  public LocalTime getTime(int column) {
    return (LocalTime) values[column];
  }

  @Override
  public byte[] getBytes(int column) {
    return getString(column).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Object getObject(int column) {
    return values[column];
  }

  @Override
  public List<?> getList(int column) {
    return (List<?>) values[column];
  }

  @Override
  public Map<?, ?> getMap(int column) {
    return (Map<?, ?>) values[column];
  }

  @Override
  public Row getRow(int column) {
    return (Row) values[column];
  }

  @Override
  public Row copy() {
    return this;
  }
}
