package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedMultisetTest {
  private static final OrderedMultiset.Type TYPE = OrderedMultiset.Type.RANKED_WORD;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ranksAndTheMostFrequentAreThoseOfASortedList(long seed) {
    Random random = new Random(seed);
    try (RootAllocator allocator = new RootAllocator();
        StateHeap heap = new StateHeap(allocator);
        ArrowBuf key = allocator.buffer(16)) {
      TreeMap<Long, Integer> counts = new TreeMap<>();
      long root = 0;
      long address = key.memoryAddress();
      for (int step = 0; step < 2_000; step++) {
        long value = random.nextInt(60) - 30;
        int weight = random.nextInt(5) < 2 ? -1 : 1; // some are taken back before they came
        Memory.putLong(address, value);
        Memory.putLong(address + 8, 0);
        root = TYPE.add(heap, root, address, 0, weight);
        counts.merge(value, weight, Integer::sum);
        if (step % 20 == 0) {
          check(root, counts);
        }
      }
    }
  }

  private static void check(long root, TreeMap<Long, Integer> counts) {
    List<Long> sorted = new ArrayList<>();
    int most = 0;
    for (Map.Entry<Long, Integer> entry : counts.entrySet()) {
      for (int i = 0; i < entry.getValue(); i++) {
        sorted.add(entry.getKey());
      }
      most = Math.max(most, entry.getValue());
    }
    assertThat(TYPE.size(root)).isEqualTo(sorted.size());
    for (int rank = 0; rank < sorted.size(); rank++) {
      assertThat(value(TYPE.atRank(root, rank))).isEqualTo(sorted.get(rank));
    }
    int wanted = most;
    List<Long> modes = new ArrayList<>();
    counts.forEach((value, count) -> addIf(modes, value, count == wanted && count > 0));
    if (!modes.isEmpty()) {
      assertThat(value(TYPE.mostFrequent(root, false))).isEqualTo(modes.get(0));
      assertThat(value(TYPE.mostFrequent(root, true))).isEqualTo(modes.get(modes.size() - 1));
    }
  }

  private static void addIf(List<Long> values, Long value, boolean wanted) {
    if (wanted) {
      values.add(value);
    }
  }

  private static long value(long node) {
    return Memory.getLong(node + OrderedMultiset.KEY);
  }

  @Test
  void anEmptyOneHasNoMostFrequentEntry() {
    assertThat(TYPE.size(0)).isZero();
    assertThat(TYPE.mostFrequent(0, false)).isZero();
  }
}
