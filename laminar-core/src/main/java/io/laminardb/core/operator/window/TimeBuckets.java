package io.laminardb.core.operator.window;

import io.laminardb.core.operator.aggregate.LongList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sessions by a time, roughly sorted: entries {@code [time][node][id]} in buckets of equal width.
 * Entries are never searched for; who takes them out sees from the id whether they still hold. One
 * thread.
 */
final class TimeBuckets {
  private static final int KEPT_BUCKETS = 64;

  private final long width;
  private final List<LongList> spare = new ArrayList<>();
  private final TreeMap<Long, LongList> buckets = new TreeMap<>();
  private long lastBucket = Long.MIN_VALUE;
  private LongList last; // the bucket added to last
  private long size;

  TimeBuckets(long width) {
    this.width = Math.max(1, width);
  }

  long bucketOf(long time) {
    return Math.floorDiv(time, width);
  }

  void add(long time, long node, long id) {
    long bucket = bucketOf(time);
    if (last == null || bucket != lastBucket) {
      last = buckets.get(bucket);
      if (last == null) {
        last = spare.isEmpty() ? new LongList() : spare.remove(spare.size() - 1);
        buckets.put(bucket, last);
      }
      lastBucket = bucket;
    }
    last.add(time);
    last.add(node);
    last.add(id);
    size++;
  }

  /** Entries, those that do not hold any more included. */
  long size() {
    return size;
  }

  /** The first bucket that begins at or before {@code time}, or null. */
  LongList firstUpTo(long time) {
    Map.Entry<Long, LongList> first = buckets.firstEntry();
    return first == null || first.getKey() > bucketOf(time) ? null : first.getValue();
  }

  /** The number of the first bucket. */
  long firstBucket() {
    return buckets.firstKey();
  }

  void removeFirst() {
    LongList gone = buckets.pollFirstEntry().getValue();
    size -= gone.size() / 3;
    if (gone == last) {
      last = null;
    }
    gone.clear();
    if (spare.size() < KEPT_BUCKETS) {
      spare.add(gone);
    }
  }

  /** Says that the first bucket has lost some of its entries. */
  void dropFromFirst(int entries) {
    size -= entries;
  }

  /** Sorts entries by time, then id. */
  static void sort(LongList entries) {
    sort(entries, 0, entries.size() / 3 - 1);
  }

  private static void sort(LongList list, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      long time = list.get(middle * 3);
      long id = list.get(middle * 3 + 2);
      int i = low;
      int j = high;
      while (i <= j) {
        while (isBefore(list, i, time, id)) {
          i++;
        }
        while (isBehind(list, j, time, id)) {
          j--;
        }
        if (i <= j) {
          swap(list, i++, j--);
        }
      }
      if (j - low < high - i) { // the smaller part by recursion keeps the stack short
        sort(list, low, j);
        low = i;
      } else {
        sort(list, i, high);
        high = j;
      }
    }
  }

  private static boolean isBefore(LongList list, int index, long time, long id) {
    long other = list.get(index * 3);
    return other < time || (other == time && list.get(index * 3 + 2) < id);
  }

  private static boolean isBehind(LongList list, int index, long time, long id) {
    long other = list.get(index * 3);
    return other > time || (other == time && list.get(index * 3 + 2) > id);
  }

  private static void swap(LongList list, int i, int j) {
    for (int k = 0; k < 3; k++) {
      long value = list.get(i * 3 + k);
      list.set(i * 3 + k, list.get(j * 3 + k));
      list.set(j * 3 + k, value);
    }
  }
}
