package io.laminardb.connector.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.connector.TableStore;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MmapTableTest {
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              new Field("area", DataType.VARCHAR, false, false),
              new Field("id", DataType.BIGINT, false, false),
              new Field("ok", DataType.BOOLEAN, true, false),
              new Field("rate", DataType.DOUBLE, true, false),
              new Field("credit", DataType.decimal(30, 2), true, false),
              new Field("raw", DataType.VARBINARY, true, false)),
          false);

  @TempDir Path dir;

  private MmapTable open(String access, Schema schema, List<Integer> key) {
    Map<String, String> options =
        Map.of(
            "path",
            dir.resolve("t").toString(),
            "access",
            access,
            "rows",
            "1000",
            "row_bytes",
            "64");
    return (MmapTable)
        new MmapConnector()
            .store(
                ConnectorOptions.of("MMAP", options),
                new TableStore.Declared("t", schema, key, false));
  }

  private static Object[] row(String area, long id, String credit) {
    return new Object[] {
      area, id, id % 2 == 0, id / 4.0, new BigDecimal(credit), new byte[] {(byte) id, -1}
    };
  }

  @Test
  void rowsAreTheSameWhenItIsOpenedAgain() {
    Object[] nulls = {"N", 9L, null, null, null, null};
    try (MmapTable table = open("write", SCHEMA, List.of(1, 0))) {
      table.change(List.of(), List.of(row("N", -3, "-12345678901234567890.25"), nulls));
      table.change(List.of(), List.of(row("N", 5, "1.00"), row("S", 5, "2.00")));
      table.change(List.of(new Object[] {5L, "N"}, new Object[] {6L, "N"}), List.of());
    }
    try (MmapTable table = open("read", SCHEMA, List.of(1, 0))) {
      assertThat(table.rows()).isEqualTo(3);
      assertThat(table.get(new Object[] {-3L, "N"}))
          .isEqualTo(row("N", -3, "-12345678901234567890.25"));
      assertThat(table.get(new Object[] {9L, "N"})).isEqualTo(nulls);
      assertThat(table.get(new Object[] {5L, "N"})).isNull();
      List<Object> ids = new ArrayList<>();
      table.forEach(row -> ids.add(row[1]));
      assertThat(ids).containsExactlyInAnyOrder(-3L, 9L, 5L);
    }
  }

  @Test
  void joinsGetTheColumnsTheyReadByTheWholeKey() throws Exception {
    try (MmapTable table = open("write", SCHEMA, List.of(1, 0))) {
      table.change(List.of(), List.of(row("N", 5, "1.00"), row("S", 5, "2.00")));
      Schema read = new Schema(List.of(SCHEMA.field(4), SCHEMA.field(0), SCHEMA.field(1)), false);
      List<Object[]> found = new ArrayList<>();
      try (LookupReader reader = table.open(read, List.of(1, 2))) {
        reader.read(List.of(new Object[] {"S", 5L}, new Object[] {"S", 6L}), found::add);
      }
      LookupCondition north = new LookupCondition(1, List.of("N"));
      try (LookupReader reader = table.open(read, List.of(2), List.of(north))) {
        List<Object[]> one = new ArrayList<>();
        one.add(new Object[] {5L});
        reader.read(one, found::add);
      }
      assertThat(found)
          .containsExactly(
              new Object[] {new BigDecimal("2.00"), "S", 5L},
              new Object[] {new BigDecimal("1.00"), "N", 5L});
      assertThatThrownBy(() -> table.open(read, List.of(2)))
          .hasMessageContaining("by its PRIMARY KEY (id, area) alone");
    }
  }

  @Test
  void aChangeThatFailsChangesNothing() {
    try (MmapTable table = open("write", SCHEMA, List.of(1, 0))) {
      table.change(List.of(), List.of(row("N", 1, "1.00"), row("N", 2, "2.00")));
      Object[] tooLong = row("N", 4, "1.00");
      tooLong[5] = new byte[4 << 20];
      List<Object[]> gone = new ArrayList<>();
      gone.add(new Object[] {1L, "N"});
      assertThatThrownBy(
              () -> table.change(gone, List.of(row("N", 2, "7.00"), row("N", 3, "1.00"), tooLong)))
          .hasMessageContaining("CONNECTOR_FAILED")
          .hasMessageContaining("make a file with more rows or row_bytes");
      assertThat(table.rows()).isEqualTo(2);
      assertThat(table.get(new Object[] {1L, "N"})).isEqualTo(row("N", 1, "1.00"));
      assertThat(table.get(new Object[] {2L, "N"})).isEqualTo(row("N", 2, "2.00"));
    }
  }

  @Test
  void otherColumnsAndSecondWritersAreRefused() {
    try (MmapTable table = open("write", SCHEMA, List.of(1, 0))) {
      table.check(SCHEMA);
      assertThatThrownBy(() -> open("write", SCHEMA, List.of(1, 0)).check(SCHEMA))
          .hasMessageContaining("OBJECT_IN_USE");
      try (MmapTable reader = open("read", SCHEMA, List.of(1, 0))) {
        assertThat(reader.rows()).isZero();
        assertThatThrownBy(() -> reader.change(List.of(), List.<Object[]>of(row("N", 1, "1.00"))))
            .hasMessageContaining("opened to be read");
      }
      assertThatThrownBy(() -> open("read", SCHEMA, List.of(1)).check(SCHEMA))
          .hasMessageContaining("SCHEMA_MISMATCH");
    }
    assertThatThrownBy(() -> open("read", SCHEMA, List.of(3)))
        .hasMessageContaining("keeps no DOUBLE");
  }
}
