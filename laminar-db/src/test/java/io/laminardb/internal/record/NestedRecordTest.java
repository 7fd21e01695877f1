package io.laminardb.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TypedSource;
import io.laminardb.core.error.LaminarException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nested values from and to lists, maps, rows, records and Arrow. */
class NestedRecordTest {
  private static final String COLUMNS =
      "(id INT, tags VARCHAR ARRAY, lines ROW<item VARCHAR, qty INT, days DATE ARRAY> ARRAY,"
          + " counts MAP<VARCHAR, BIGINT>)";

  private enum Item {
    PEN,
    INK
  }

  private record Line(String item, Integer qty, List<LocalDate> days) {}

  private record Order(int id, List<String> tags, List<Line> lines, Map<String, Long> counts) {}

  private record WideLine(Item item, long qty) {}

  private record WideOrder(int id, List<WideLine> lines) {}

  private record Wrong(int id, List<Integer> tags) {}

  private static final Order ORDER =
      new Order(
          1,
          Arrays.asList("a", null),
          Arrays.asList(
              new Line("PEN", 2, List.of(LocalDate.of(2026, 1, 2))), null, new Line(null, 3, null)),
          Map.of("x", 1L, "y", -2L));

  @Test
  void recordsWithinRecordsGoInAndComeOut() {
    try (LaminarDB db = open()) {
      Subscription out = db.subscribe("copy");
      TypedSource<Order> orders = db.source("orders", Order.class);
      orders.push(ORDER);
      orders.push(new Order(2, null, List.of(), null));
      db.sync();
      assertThat(out.drain(Order.class))
          .containsExactly(ORDER, new Order(2, null, List.of(), null));
      orders.push(new Order(3, null, List.of(new Line("INK", 7, null)), null));
      db.sync();
      assertThat(out.drain(WideOrder.class))
          .containsExactly(new WideOrder(3, List.of(new WideLine(Item.INK, 7))));
    }
  }

  @Test
  void rowsGiveListsMapsAndRows() {
    try (LaminarDB db = open()) {
      Subscription out = db.subscribe("copy");
      Source orders = db.source("orders");
      orders.push(
          1,
          new String[] {"a", "b"},
          List.of(Map.of("item", "PEN", "QTY", 2), List.of("INK", 3, new ArrayList<>())),
          Map.of("y", 2, "x", 1L));
      db.sync();
      Row row = out.drain().get(0);
      assertThat(row.getList("tags")).isEqualTo(List.of("a", "b"));
      assertThat(row.getMap("counts")).isEqualTo(Map.of("x", 1L, "y", 2L));
      assertThat(row.getString("counts")).isEqualTo("{\"x\":1,\"y\":2}");
      Row line = (Row) row.getList("lines").get(1);
      assertThat(line.getString("item")).isEqualTo("INK");
      assertThat(line.getInt("qty")).isEqualTo(3);
      assertThat(line.getList("days")).isEmpty();
      assertThat(row.toString())
          .isEqualTo(
              "{id=1, tags=[\"a\",\"b\"], lines=[{\"item\":\"PEN\",\"qty\":2,\"days\":null},"
                  + "{\"item\":\"INK\",\"qty\":3,\"days\":[]}], counts={\"x\":1,\"y\":2}}");
      orders.push(1, row.getList("tags"), row.getList("lines"), row.getMap("counts"));
      db.sync();
      assertThat(out.drain()).containsExactly(row);
    }
  }

  @Test
  void arrowGivesListsMapsAndStructsThatCanBePushedAgain() {
    try (LaminarDB other = open();
        LaminarDB db = open()) {
      Source orders = db.source("orders");
      Source again = other.source("orders");
      Subscription out = other.subscribe("copy");
      List<String> texts = new ArrayList<>();
      db.subscribeArrow(
          "copy",
          root -> {
            texts.add(root.contentToTSVString());
            again.push(root);
          });
      orders.push(1, List.of("a", "b"), List.of(List.of("PEN", 2, List.of())), Map.of("k", 5));
      orders.push(2, null, null, null);
      db.sync();
      other.sync();
      assertThat(texts.get(0))
          .contains("[\"a\",\"b\"]\t[{\"item\":\"PEN\",\"qty\":2,\"days\":[]}]");
      assertThat(out.drain(Order.class))
          .containsExactly(
              new Order(
                  1, List.of("a", "b"), List.of(new Line("PEN", 2, List.of())), Map.of("k", 5L)),
              new Order(2, null, null, null));
    }
  }

  @Test
  void valuesThatDoNotFitAreRefusedAndNothingIsPushed() {
    try (LaminarDB db = open()) {
      Source orders = db.source("orders");
      assertThatThrownBy(() -> orders.push(1, "a", null, null))
          .hasMessageContaining("column \"tags\" of source \"orders\" is ARRAY<VARCHAR>")
          .hasMessageContaining("Pass a List or an array.");
      assertThatThrownBy(() -> orders.push(1, List.of(1.5), null, null))
          .hasMessageContaining("column \"tags\" of source \"orders\" is VARCHAR");
      assertThatThrownBy(() -> orders.push(1, null, List.of(Map.of("colour", 1)), null))
          .hasMessageContaining("a field \"colour\"");
      assertThatThrownBy(() -> orders.push(1, null, null, Map.of("a", "b")))
          .isInstanceOf(LaminarException.class);
      assertThatThrownBy(() -> db.subscribe("copy", Wrong.class, wrong -> {}))
          .hasMessageContaining("component \"tags\"");
      Subscription out = db.subscribe("copy");
      orders.push(9, null, null, null);
      db.sync();
      assertThat(out.drain()).hasSize(1);
    }
  }

  private static LaminarDB open() {
    LaminarDB db = LaminarDB.builder().inline().build();
    db.execute("CREATE SOURCE orders " + COLUMNS + "; CREATE STREAM copy AS SELECT * FROM orders");
    db.start();
    return db;
  }
}
