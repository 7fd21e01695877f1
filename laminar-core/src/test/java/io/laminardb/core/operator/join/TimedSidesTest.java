package io.laminardb.core.operator.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.TestContext;
import io.laminardb.core.state.TimeQueue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

/** Rows move into memory of their size, in their order, or stay where they are. */
class TimedSidesTest {
  private static final String LONG = "a key that is too long for its place in a row ";
  private static final int KEYS = 3000;

  @Test
  void rowsThatAreLeftMoveWhereThereIsRoom() {
    try (RootAllocator root = new RootAllocator();
        BufferAllocator allocator = root.newChildAllocator("sides", 0, Long.MAX_VALUE);
        TimedSides sides = sides(allocator)) {
      for (int i = 0; i < 4; i++) {
        add(i % 2, sides, root, allocator);
      }
      sides.flag(sides.queue(0).headValue());
      while (sides.queue(1).size() > 10) {
        sides.queue(1).pop();
      }
      while (sides.queue(0).size() > 100) {
        long last = sides.queue(0).headValue();
        sides.queue(0).pop();
        sides.stores()[0].doom(last);
      }
      sides.stores()[0].freeDoomed();
      sides.flag(sides.queue(0).headValue());
      List<String> before = texts(sides);
      long bytes = sides.bytes();

      allocator.setLimit(allocator.getAllocatedMemory());
      assertThat(sides.shrink((port, time, row, entry, heap) -> {})).isFalse();
      assertThat(texts(sides)).isEqualTo(before);
      assertThat(sides.bytes()).isEqualTo(bytes);

      allocator.setLimit(Long.MAX_VALUE);
      List<String> placed = new ArrayList<>();
      assertThat(
              sides.shrink(
                  (port, time, row, entry, heap) ->
                      placed.add(port + " " + time + " " + sides.entry(row))))
          .isTrue();
      assertThat(placed).hasSize(110);
      assertThat(texts(sides)).isEqualTo(before);
      assertThat(sides.queue(0).arrivals()).isEqualTo(2 * KEYS);
      assertThat(sides.bytes()).isLessThan(bytes / 4);
      assertThat(allocator.getAllocatedMemory()).isLessThan(bytes / 4);
    }
  }

  private static TimedSides sides(BufferAllocator allocator) {
    TimedSides.Side side =
        new TimedSides.Side(TimeJoinDriver.ROWS, List.of(0), 1, 1, new int[] {0, 1, 2});
    return new TimedSides(new TimedSides.Side[] {side, side}, List.of(false), 1, true, allocator);
  }

  /** Rows of many keys, the times of which go up and down. */
  private static void add(
      int port, TimedSides sides, BufferAllocator batches, BufferAllocator allocator) {
    try (Batch batch = new Batch(TimeJoinDriver.ROWS.withChangelog(true), KEYS, batches)) {
      for (int i = 0; i < KEYS; i++) {
        byte[] key = (LONG + i % 50).getBytes(StandardCharsets.UTF_8);
        batch.column(0).putBytes(i, key, 0, key.length);
        batch.column(1).putLong(i, i ^ 5);
        batch.column(2).putLong(i, i);
        batch.endRow(1);
      }
      while (sides.take(port, batch, Long.MIN_VALUE, new TestContext(allocator, KEYS))) {
        sides.push(port, 0, sides.count());
      }
    }
  }

  private static List<String> texts(TimedSides sides) {
    List<String> texts = new ArrayList<>();
    for (int port = 0; port < 2; port++) {
      TimeQueue queue = sides.queue(port);
      List<TimedSides.Kept> kept = TimedSides.rowsOf(queue);
      kept.sort(TimedSides.Kept.ORDER);
      for (TimedSides.Kept row : kept) {
        String flag = sides.isFlagged(row.row()) ? " flagged" : "";
        assertThat(sides.entry(row.row())).isEqualTo(row.entry());
        assertThat(Memory.getLong(row.entry())).isNotZero();
        texts.add(
            port
                + " "
                + row.time()
                + " "
                + row.arrival()
                + " "
                + sides.time(port, row.row())
                + flag);
      }
    }
    return texts;
  }
}
