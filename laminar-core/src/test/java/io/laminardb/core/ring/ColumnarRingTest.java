package io.laminardb.core.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnarRingTest {
  private static final Schema SCHEMA =
      Schema.appendOnly(
          Field.notNull("id", DataType.BIGINT),
          Field.of("name", DataType.VARCHAR),
          Field.of("flag", DataType.BOOLEAN),
          Field.of("small", DataType.SMALLINT));

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void rowsComeOutAsTheyWentIn() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 100, allocator)) {
      write(ring, 1, "one");
      write(ring, 2, null);
      write(ring, 3, "drei \u00e4\u20ac\ud83d\ude00\ud800");
      assertThat(drain(ring))
          .containsExactly("1 one true null", "2 null true null", "3 drei ä€😀? true null");
    }
  }

  @Test
  void marksStandBetweenRowsAndCostNoBatch() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 100, allocator)) {
      write(ring, 1, "a");
      ring.offerMark(10);
      ring.offerMark(11);
      write(ring, 2, "b");
      ring.offerMark(12);
      assertThat(drain(ring))
          .containsExactly("1 a true null", "mark 10", "mark 11", "2 b true null", "mark 12");
    }
  }

  @Test
  void aFullRingAnswersFalseUntilRowsAreConsumed() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 8, allocator)) {
      int rows = 0;
      while (place(ring, rows, null, true, null)) {
        rows++;
      }
      assertThat(rows).isBetween(8, 12);
      assertThat(drain(ring)).hasSize(rows);
      assertThat(ring.beginPlace()).isTrue();
    }
  }

  @Test
  void aHugeTextGetsABatchOfItsOwn() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 16, allocator)) {
      String huge = "x".repeat(3_000_000);
      write(ring, 1, "a");
      write(ring, 2, huge);
      write(ring, 3, "b");
      assertThat(drain(ring))
          .containsExactly("1 a true null", "2 " + huge + " true null", "3 b true null");
    }
  }

  @Test
  void aPlaceThatIsNotEndedIsFoundAgain() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 16, allocator)) {
      write(ring, 1, "one");
      assertThat(ring.beginPlace()).isTrue();
      ring.placeBatch().column(0).putLong(ring.placeRow(), 99);
      write(ring, 7, "seven");
      assertThat(drain(ring)).containsExactly("1 one true null", "7 seven true null");
    }
  }

  @Test
  void aForeignBatchPassesBetweenRowsWithoutACopyAndIsClosedByTheConsumer() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 16, allocator)) {
      write(ring, 1, "a");
      Batch batch = new Batch(SCHEMA, 3, allocator);
      for (int i = 0; i < 3; i++) {
        batch.column(0).putLong(i, 10 + i);
        batch.column(1).setNull(i);
        batch.column(2).putBoolean(i, false);
        batch.column(3).putLong(i, i);
        batch.endRow();
      }
      batch.range(1, 3);
      assertThat(ring.offer(batch)).isTrue();
      write(ring, 2, "b");
      assertThat(drain(ring))
          .containsExactly("1 a true null", "11 null false 1", "12 null false 2", "2 b true null");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 17, 1000, 65536})
  void twoThreadsNeverLoseOrTearARow(int capacity) throws Exception {
    long seed = 20240607L + capacity;
    int rows = capacity < 10 ? 10_000 : 100_000;
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, capacity, allocator)) {
      ring.expectSingleRows();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread producer = new Thread(() -> produce(ring, rows, new Random(seed)));
      producer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
      producer.start();
      Random random = new Random(seed + 1);
      long expected = 0;
      long marks = 0;
      while (expected < rows && failure.get() == null) {
        switch (ring.poll(1 + random.nextInt(300))) {
          case ColumnarRing.ROWS -> {
            Batch batch = ring.batch();
            int take = 1 + random.nextInt(batch.size());
            for (int row = batch.from(); row < batch.from() + take; row++) {
              assertRow(batch, row, expected++, seed);
            }
            ring.consume(take);
          }
          case ColumnarRing.MARK -> {
            assertThat(ring.mark()).as("seed %d", seed).isEqualTo(expected);
            marks++;
            ring.consumeMark();
          }
          default -> Thread.yield();
        }
      }
      producer.join();
      assertThat(failure.get()).isNull();
      assertThat(expected).isEqualTo(rows);
      assertThat(marks).isPositive();
    }
  }

  @Test
  void aRingThatDropsKeepsTheNewestRowsAndCountsTheOthers() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 8, true, allocator)) {
      for (int id = 0; id < 100; id++) {
        write(ring, id, "t" + id);
      }
      List<String> kept = drain(ring);
      assertThat(kept).hasSizeBetween(8, 12);
      assertThat(kept.get(kept.size() - 1)).isEqualTo("99 t99 true null");
      assertThat(kept.get(0)).startsWith(100 - kept.size() + " ");
      assertThat(ring.droppedRows()).isEqualTo(100 - kept.size());
      assertThat(ring.size()).isZero();
      assertThat(ring.consumedPosition()).isEqualTo(ring.publishedPosition());
    }
  }

  @Test
  void rowsOnLoanAreNotDropped() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 8, true, allocator)) {
      write(ring, 0, "zero");
      write(ring, 1, "one");
      assertThat(ring.poll(Integer.MAX_VALUE)).isEqualTo(ColumnarRing.ROWS);
      for (int id = 2; id < 1000; id++) {
        write(ring, id, "t" + id);
      }
      assertThat(ring.batch().column(0).getLong(ring.batch().from())).isZero();
      ring.consume(2);
      List<String> kept = drain(ring);
      assertThat(kept).hasSizeBetween(6, 12).last().isEqualTo("999 t999 true null");
      assertThat(ring.droppedRows() + 2 + kept.size()).isEqualTo(1000);
    }
  }

  @Test
  void aRingThatDropsMergesMarksIntoLaterOnes() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 8, true, allocator)) {
      for (int id = 0; id < 1000; id++) {
        write(ring, id, null);
        assertThat(ring.offerMark(id == 10 ? 5000 : id)).isTrue();
      }
      assertThat(ring.offerMark(Long.MAX_VALUE)).isTrue();
      List<String> seen = drain(ring);
      assertThat(seen).contains("mark 5000").last().isEqualTo("mark " + Long.MAX_VALUE);
      assertThat(ring.consumedMarks()).isEqualTo(ring.publishedMarks());
    }
  }

  @Test
  void aRingThatDropsMakesRoomForWholeBatchesToo() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 1, true, allocator)) {
      for (int id = 0; id < 50; id++) {
        Batch batch = new Batch(SCHEMA, 3, allocator);
        fill(batch, id * 3, 3);
        assertThat(ring.offer(batch)).isTrue();
        fill(batch = new Batch(SCHEMA, 2, allocator), 0, 2);
        assertThat(ring.append(batch, 0, 2)).isEqualTo(2);
        batch.close();
      }
      int kept = drain(ring).size();
      assertThat(kept).isPositive();
      assertThat(ring.droppedRows() + kept).isEqualTo(250);
    }
  }

  @Test
  void anAbandonedRingFreesNothingThatAProducerMayStillWriteTo() {
    ColumnarRing ring = new ColumnarRing(SCHEMA, 16, allocator);
    assertThat(ring.beginPlace()).isTrue();
    Batch place = ring.placeBatch();
    ring.abandon();
    ring.close();
    place.column(0).putLong(0, 42); // memory that is still ours
    assertThat(place.column(0).getLong(0)).isEqualTo(42);
    assertThat(allocator.getAllocatedMemory()).isPositive();
    place.close();
  }

  /** Every row comes once, whole and in order, or is counted; the last one always comes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 17, 1000})
  void twoThreadsNeverReadARowThatIsBeingDropped(int capacity) throws Exception {
    long seed = 20261123L + capacity;
    int rows = 200_000;
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, capacity, true, allocator)) {
      ring.expectSingleRows();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread producer = new Thread(() -> produce(ring, rows, new Random(seed)));
      producer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
      producer.start();
      Random random = new Random(seed + 1);
      long next = 0;
      long taken = 0;
      long lastMark = -1;
      while (ring.consumedPosition() < rows && failure.get() == null) {
        switch (ring.poll(1 + random.nextInt(300))) {
          case ColumnarRing.ROWS -> {
            Batch batch = ring.batch();
            int take = 1 + random.nextInt(batch.size());
            for (int pause = random.nextInt(20) == 0 ? 20_000 : 0; pause > 0; pause--) {
              Thread.onSpinWait(); // a slow consumer: the producer comes round
            }
            for (int row = batch.from(); row < batch.from() + take; row++) {
              long id = batch.column(0).getLong(row);
              assertThat(id).as("seed %d", seed).isGreaterThanOrEqualTo(next);
              assertRow(batch, row, id, seed);
              next = id + 1;
            }
            taken += take;
            ring.consume(take);
          }
          case ColumnarRing.MARK -> {
            assertThat(ring.mark()).as("seed %d", seed).isGreaterThanOrEqualTo(lastMark);
            lastMark = ring.mark();
            ring.consumeMark();
          }
          default -> Thread.yield();
        }
      }
      producer.join();
      assertThat(failure.get()).isNull();
      assertThat(next).as("seed %d", seed).isEqualTo(rows);
      assertThat(taken + ring.droppedRows()).as("seed %d", seed).isEqualTo(rows);
      assertThat(ring.droppedRows()).as("seed %d", seed).isPositive();
    }
  }

  @Test
  void rowsThatComeAloneAreWholeWhetherTheyFitBesideTheirPositionOrNot() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 100, allocator)) {
      ring.expectSingleRows();
      List<String> expected = new ArrayList<>();
      for (int id = 0; id < 1000; id++) {
        String name = id % 5 == 0 ? null : "x".repeat(id % 130);
        Long small = id % 3 == 0 ? null : (long) (id * 37 % 60_000 - 30_000);
        assertThat(place(ring, id, name, id % 2 == 0, small)).isTrue();
        expected.add(id + " " + name + " " + (id % 2 == 0) + " " + small);
        if (id % 11 == 0) {
          ring.offerMark(id);
          expected.add("mark " + id);
        }
        if (id % 7 != 0) { // else this one waits with the next
          assertThat(drain(ring)).isEqualTo(expected);
          expected.clear();
        }
      }
    }
  }

  @Test
  void aRowThatComesAloneIsLentFromBesideItsPosition() {
    try (ColumnarRing ring = new ColumnarRing(SCHEMA, 100, allocator)) {
      ring.expectSingleRows();
      assertThat(place(ring, 1, "one", true, -7L)).isTrue();
      assertThat(ring.poll(10)).isEqualTo(ColumnarRing.ROWS);
      assertThat(ring.batch().column(0)).isNotSameAs(ring.placeBatch().column(0));
      assertThat(place(ring, 2, "two", false, 8L)).isTrue();
      assertThat(ring.batch().column(0).getLong(0)).isEqualTo(1);
      assertThat(drain(ring)).containsExactly("1 one true -7", "2 two false 8");
    }
  }

  private void produce(ColumnarRing ring, int rows, Random random) {
    Batch batch = new Batch(SCHEMA, 64, allocator);
    try {
      int next = 0;
      while (next < rows) {
        int kind = random.nextInt(20);
        int count = Math.min(rows - next, 1 + random.nextInt(64));
        if (kind == 0) {
          while (!ring.offerMark(next)) {
            Thread.yield();
          }
        } else if (kind < 6) {
          batch.clear();
          fill(batch, next, count);
          int done = 0;
          while (done < count) {
            int appended = ring.append(batch, done, count);
            done += appended;
            if (appended == 0) {
              Thread.yield();
            }
          }
          next += count;
        } else if (kind == 6) {
          Batch foreign = new Batch(SCHEMA, count, allocator);
          fill(foreign, next, count);
          while (!ring.offer(foreign)) {
            Thread.yield();
          }
          next += count;
        } else {
          while (!writeRow(ring, next)) {
            Thread.yield();
          }
          next++;
        }
      }
    } finally {
      batch.close();
    }
  }

  private static boolean writeRow(ColumnarRing ring, int id) {
    String name = id % 7 == 0 ? null : text(id);
    return place(ring, id, name, id % 3 == 0, id % 5 == 0 ? null : id % 1000L);
  }

  private static void fill(Batch batch, int first, int count) {
    for (int i = 0; i < count; i++) {
      int id = first + i;
      batch.column(0).putLong(i, id);
      if (id % 7 == 0) {
        batch.column(1).setNull(i);
      } else {
        byte[] bytes = text(id).getBytes(StandardCharsets.UTF_8);
        batch.column(1).putBytes(i, bytes, 0, bytes.length);
      }
      batch.column(2).putBoolean(i, id % 3 == 0);
      batch.column(3).putLong(i, id % 1000);
      if (id % 5 == 0) {
        batch.column(3).setNull(i);
      }
      batch.endRow();
    }
  }

  private static String text(int id) {
    return id % 1000 == 1 ? "long".repeat(id % 5000) : id % 13 == 0 ? "ünïcode" + id : "t" + id;
  }

  private static void assertRow(Batch batch, int row, long id, long seed) {
    boolean ok =
        batch.column(0).getLong(row) == id
            && batch.column(1).isNull(row) == (id % 7 == 0)
            && batch.column(2).getBoolean(row) == (id % 3 == 0)
            && batch.column(3).isNull(row) == (id % 5 == 0)
            && (id % 5 == 0 || batch.column(3).getLong(row) == id % 1000);
    if (ok && id % 7 != 0) {
      Utf8 view = new Utf8();
      batch.column(1).getBytes(row, view);
      ok = view.toString().equals(text((int) id));
    }
    assertThat(ok).as("row %d, seed %d", id, seed).isTrue();
  }

  private static void write(ColumnarRing ring, long id, String name) {
    assertThat(place(ring, id, name, true, null)).isTrue();
  }

  /** Writes a row in place: the text first, as it may move the place. */
  private static boolean place(ColumnarRing ring, long id, String name, boolean flag, Long small) {
    if (!ring.beginPlace()) {
      return false;
    }
    if (name == null) {
      ring.placeBatch().column(1).setNull(ring.placeRow());
    } else {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      if (!ring.placeBatch().column(1).hasRoom(ring.placeRow(), bytes.length)) {
        ring.rollPlace(1, bytes.length);
      }
      ring.placeBatch().column(1).putBytes(ring.placeRow(), bytes, 0, bytes.length);
    }
    Batch batch = ring.placeBatch();
    int row = ring.placeRow();
    batch.column(0).putLong(row, id);
    batch.column(2).putBoolean(row, flag);
    if (small == null) {
      batch.column(3).setNull(row);
    } else {
      batch.column(3).putLong(row, small);
    }
    ring.endPlace(1);
    return true;
  }

  private static List<String> drain(ColumnarRing ring) {
    List<String> seen = new ArrayList<>();
    Utf8 view = new Utf8();
    int found;
    while ((found = ring.poll(Integer.MAX_VALUE)) != ColumnarRing.EMPTY) {
      if (found == ColumnarRing.MARK) {
        seen.add("mark " + ring.mark());
        ring.consumeMark();
        continue;
      }
      Batch batch = ring.batch();
      for (int row = batch.from(); row < batch.to(); row++) {
        batch.column(1).getBytes(row, view);
        seen.add(
            batch.column(0).getLong(row)
                + " "
                + (batch.column(1).isNull(row) ? null : view.toString())
                + " "
                + (batch.column(2).isNull(row) ? null : batch.column(2).getBoolean(row))
                + " "
                + (batch.column(3).isNull(row) ? null : batch.column(3).getLong(row)));
      }
      ring.consume(batch.size());
    }
    return seen;
  }
}
