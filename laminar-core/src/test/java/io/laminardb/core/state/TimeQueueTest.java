package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class TimeQueueTest {
  private static final long SEED = 20261124;

  private record Entry(long time, long value) {}

  @Test
  void valuesComeByTimeAndThenByArrivalHoweverTheyWerePushedAndTaken() {
    for (int round = 0; round < 30; round++) {
      Random random = new Random(SEED + round);
      int disorder = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 1;
      PriorityQueue<Entry> expected =
          new PriorityQueue<>(
              Comparator.comparingLong(Entry::time).thenComparingLong(Entry::value));
      try (BufferAllocator allocator = new RootAllocator();
          TimeQueue queue = new TimeQueue(allocator)) {
        long clock = 0;
        long value = 0;
        for (int step = 0; step < 60; step++) {
          int count = random.nextInt(150);
          long[] times = new long[count];
          long[] values = new long[count];
          for (int i = 0; i < count; i++) {
            clock += random.nextInt(3);
            times[i] = clock - random.nextInt(disorder);
            values[i] = value++;
            expected.add(new Entry(times[i], values[i]));
          }
          int single = random.nextInt(count + 1);
          for (int i = 0; i < single; i++) {
            queue.push(times[i], values[i], -values[i]);
          }
          long[] companions = new long[count];
          Arrays.setAll(companions, i -> -values[i]);
          queue.push(times, values, companions, single, count);
          takeThrough(clock - random.nextInt(30), queue, expected, random);
          assertThat(queue.size()).as("seed %d", SEED + round).isEqualTo(expected.size());
        }
        takeThrough(Long.MAX_VALUE, queue, expected, random);
        assertThat(queue.isEmpty()).isTrue();
      }
    }
  }

  private static void takeThrough(
      long time, TimeQueue queue, PriorityQueue<Entry> expected, Random random) {
    while (!queue.isEmpty() && queue.headTime() <= time) {
      int many = random.nextBoolean() ? queue.inOrder(time, 1 + random.nextInt(100)) : 0;
      long at = many == 0 ? 0 : queue.first();
      for (int i = 0; i < many; i++, at += TimeQueue.NEXT) {
        Entry next = new Entry(TimeQueue.time(at), TimeQueue.value(at));
        assertThat(next).isEqualTo(expected.poll());
        assertThat(TimeQueue.companion(at)).isEqualTo(-next.value());
      }
      if (many > 0) {
        queue.pop(many);
      } else {
        assertThat(new Entry(queue.headTime(), queue.headValue())).isEqualTo(expected.poll());
        queue.pop();
      }
    }
  }
}
