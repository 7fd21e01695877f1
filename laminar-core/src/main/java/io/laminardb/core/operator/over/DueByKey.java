package io.laminardb.core.operator.over;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What is due of each key, whose watermarks are their own: a skew heap for each (Sleator and Tarjan,
 * 1986) of nodes {@code [time][sequence][value][left][right]} off the heap. As {@link DueRows} it is
 * that of the key it was last moved {@link #to}. One thread.
 */
final class DueByKey implements DueRows, AutoCloseable {
  private static final int SEQUENCE = 8;
  private static final int VALUE = 16;
  private static final int LEFT = 24;
  private static final int RIGHT = 32;
  private static final int NODE_BYTES = 40;

  private final long unitNs;
  private final StateHeap nodes;
  private final KeyWatermarks marks; // each with one word: the node that is due first, or 0
  private long key;

  /** Keys behind this watermark of all have been released, as far as they were known then. */
  private long overtakenNs = Watermark.NONE;

  /** Rows before this time are late whatever their key, in units of the time column. */
  private long floor = Long.MIN_VALUE;

  /**
   * @param nodes where entries live
   */
  DueByKey(KeyTime time, StateHeap nodes, BufferAllocator allocator) {
    this.unitNs = time.input().field(time.timeColumn()).type().nanosPerUnit();
    this.nodes = nodes;
    this.marks = time.watermarks(1, allocator);
  }

  /** The watermarks of keys. */
  KeyWatermarks marks() {
    return marks;
  }

  /** The first time that is not late for a key. */
  long limit(long ofKey) {
    return Math.max(floor, TimeUnits.notBefore(marks.watermark(ofKey), unitNs));
  }

  /** Rows before {@code time} are late from now on, those of keys unknown so far too. */
  void floor(long time) {
    floor = Math.max(floor, time);
  }

  /** Whether a watermark of all is a new one, and keys may be behind it for good. */
  boolean isNew(long watermarkNs) {
    return watermarkNs > overtakenNs;
  }

  void overtaken(long watermarkNs) {
    overtakenNs = watermarkNs;
  }

  /** Moves to a key. */
  void to(long newKey) {
    key = newKey;
  }

  /** The key it was last moved to. */
  long key() {
    return key;
  }

  private long root() {
    return Memory.getLong(marks.words(key));
  }

  @Override
  public boolean isEmpty() {
    return root() == 0;
  }

  @Override
  public long time() {
    return time(root());
  }

  @Override
  public long sequence() {
    return sequence(root());
  }

  @Override
  public long value() {
    return value(root());
  }

  @Override
  public void remove() {
    long root = root();
    long rest = meld(Memory.getLong(root + LEFT), Memory.getLong(root + RIGHT));
    Memory.putLong(marks.words(key), rest);
    nodes.free(root, NODE_BYTES);
  }

  static long time(long node) {
    return Memory.getLong(node);
  }

  static long sequence(long node) {
    return Memory.getLong(node + SEQUENCE);
  }

  static long value(long node) {
    return Memory.getLong(node + VALUE);
  }

  /** Enters something that is due. */
  void add(long ofKey, long time, long sequence, long value) {
    long node = nodes.allocate(NODE_BYTES);
    Memory.putLong(node, time);
    Memory.putLong(node + SEQUENCE, sequence);
    Memory.putLong(node + VALUE, value);
    Memory.putLong(node + LEFT, 0);
    Memory.putLong(node + RIGHT, 0);
    long word = marks.words(ofKey);
    Memory.putLong(word, meld(Memory.getLong(word), node));
  }

  /** One heap of two, either of which may be 0; from the top, along the right sides. */
  private static long meld(long first, long second) {
    if (first == 0 || second == 0) {
      return first + second;
    }
    boolean inOrder = isBefore(first, second);
    long root = inOrder ? first : second;
    long other = inOrder ? second : first;
    for (long at = root; other != 0; ) {
      long right = Memory.getLong(at + RIGHT);
      Memory.putLong(at + RIGHT, Memory.getLong(at + LEFT));
      boolean rightFirst = right != 0 && isBefore(right, other);
      long next = rightFirst ? right : other;
      other = rightFirst ? other : right;
      Memory.putLong(at + LEFT, next);
      at = next;
    }
    return root;
  }

  private static boolean isBefore(long node, long other) {
    return time(node) != time(other) ? time(node) < time(other) : sequence(node) < sequence(other);
  }

  /** Adds the nodes of all keys to a list. */
  void list(LongList all) {
    for (int i = 0; i < marks.size(); i++) {
      int next = all.size();
      add(Memory.getLong(marks.words(marks.get(i))), all);
      for (; next < all.size(); next++) {
        add(Memory.getLong(all.get(next) + LEFT), all);
        add(Memory.getLong(all.get(next) + RIGHT), all);
      }
    }
  }

  private static void add(long node, LongList all) {
    if (node != 0) {
      all.add(node);
    }
  }

  /** The earliest time of all keys; MAX_VALUE without any. */
  long earliest() {
    long earliest = Long.MAX_VALUE;
    for (int i = 0; i < marks.size(); i++) {
      long root = Memory.getLong(marks.words(marks.get(i)));
      earliest = root == 0 ? earliest : Math.min(earliest, time(root));
    }
    return earliest;
  }

  /** Writes the keys into the present section; what is due is to be entered again. */
  void snapshot(StateWriter writer) {
    writer.putLong(floor);
    writer.putLong(overtakenNs);
    writer.putBlock(marks.snapshot());
  }

  /** Reads what {@link #snapshot} wrote. */
  void restore(StateReader reader) {
    floor = reader.getLong();
    overtakenNs = reader.getLong();
    marks.restore(reader.getBlock());
    for (int i = 0; i < marks.size(); i++) {
      Memory.putLong(marks.words(marks.get(i)), 0);
    }
  }

  @Override
  public void close() {
    marks.close();
  }
}
