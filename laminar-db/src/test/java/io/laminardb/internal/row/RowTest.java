package io.laminardb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RowTest {
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.of("symbol", DataType.VARCHAR),
              Field.of("vwap", DataType.DOUBLE),
              Field.of("trades", DataType.BIGINT),
              Field.of("amount", DataType.decimal(10, 2)),
              Field.of("ts", DataType.timestamp(3)),
              new Field("window_start", DataType.BIGINT, false, true)),
          true);

  private BufferAllocator allocator;
  private Batch batch;
  private BatchRow row;

  @BeforeEach
  void fill() {
    allocator = new RootAllocator();
    batch = new Batch(SCHEMA, 4, allocator);
    ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), "stream \"s\"");
    rows.push(
        1,
        true,
        "AAPL",
        187.25,
        3_000_000_000L,
        new BigDecimal("12.5"),
        1_700_000_000_123L,
        60_000L);
    rows.push(-1, true, null, null, null, null, null, 120_000L);
    row = new BatchRow(SCHEMA);
  }

  @AfterEach
  void freesAllMemory() {
    batch.close();
    allocator.close();
  }

  @Test
  void readsByNameInAnyCaseAndByIndex() {
    row.at(batch, 0);
    assertThat(row.getString("Symbol")).isEqualTo("AAPL");
    assertThat(row.getDouble(1)).isEqualTo(187.25);
    assertThat(row.getLong("TRADES")).isEqualTo(3_000_000_000L);
    assertThat(row.getBigDecimal("amount")).isEqualTo("12.50");
    assertThat(row.getDouble("amount")).isEqualTo(12.5);
    assertThat(row.getTimestamp("ts")).isEqualTo(LocalDateTime.parse("2023-11-14T22:13:20.123"));
    assertThat(row.getLong("ts")).isEqualTo(1_700_000_000_123L);
    assertThat(row.getLong("window_start")).isEqualTo(60_000L);
    assertThat(row.getInstant("window_start")).isEqualTo(Instant.ofEpochSecond(60));
    assertThat(row.getEpochNanos("window_start")).isEqualTo(60_000_000_000L);
    assertThat(row.getString("trades")).isEqualTo("3000000000");
    assertThat(row.weight()).isEqualTo(1);
    assertThat(row.columns()).hasSize(6);
  }

  @Test
  void printsVisibleColumnsAndTheSign() {
    assertThat(row.at(batch, 0))
        .hasToString(
            "{symbol=AAPL, vwap=187.25, trades=3000000000, amount=12.50, ts=2023-11-14"
                + " 22:13:20.123}");
    assertThat(row.at(batch, 1).copy())
        .hasToString("-{symbol=NULL, vwap=NULL, trades=NULL, amount=NULL, ts=NULL}");
  }

  @Test
  void copiesOutliveTheBatchRow() {
    Row copy = row.at(batch, 0).copy();
    Row other = row.at(batch, 1).copy();
    row.detach();
    assertThat(copy.getString("symbol")).isEqualTo("AAPL");
    assertThat(copy.copy()).isSameAs(copy);
    assertThat(copy).isNotEqualTo(other);
    assertThat(other.weight()).isEqualTo(-1);
    fails(
        () -> row.getString("symbol"),
        "CLOSED: the row was read after its callback had returned. Keep row.copy() instead of the"
            + " row.");
  }

  @Test
  void explainsWhatCannotBeRead() {
    row.at(batch, 0);
    fails(
        () -> row.getString("symbl"),
        "COLUMN_NOT_FOUND: the row has no column \"symbl\". Did you mean \"symbol\"?");
    fails(
        () -> row.getLong("vwap"),
        "TYPE_MISMATCH: column \"vwap\" is DOUBLE, which getLong cannot read. Use getDouble.");
    fails(
        () -> row.getInt("trades"),
        "TYPE_MISMATCH: column \"trades\" holds 3000000000, which does not fit an int. Use"
            + " getLong.");
    fails(
        () -> row.at(batch, 1).getLong("trades"),
        "NULL_NOT_ALLOWED: column \"trades\" is NULL, which getLong cannot answer. Ask isNull"
            + " first, or use getObject.");
    fails(() -> row.getLong(6), "COLUMN_NOT_FOUND: the row has no column 6.");
    fails(() -> row.isNull(-1), "COLUMN_NOT_FOUND: the row has no column -1.");
  }

  private static void fails(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(LaminarException.class).hasMessageStartingWith(message);
  }
}
