package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.OrderedMultiset;

/**
 * Makes one value of all the {@linkplain OrderedEntry entries} of a group, in their order; subclasses
 * say which. Entries are either the keys of a multiset of texts, or, in the order of event time, the
 * payloads of a timed one. One thread; allocates nothing but to grow its buffer.
 */
public abstract class EntryCollector implements OrderedMultiset.Visitor {
  private final Utf8Buffer buffer;
  private int length;
  private boolean timed;
  private boolean keyed;
  private boolean distinct;

  /**
   * @param buffer for the result
   */
  protected EntryCollector(Utf8Buffer buffer) {
    this.buffer = buffer;
  }

  /**
   * The value of a group; valid until the next one.
   *
   * @param root of the multiset
   * @param keyed whether entries have keys
   * @param distinct whether copies of an entry count once
   */
  public final Utf8 collect(OrderedMultiset.Type type, long root, boolean keyed, boolean distinct) {
    this.timed = type == OrderedMultiset.Type.TIMED_TEXT;
    this.keyed = keyed;
    this.distinct = distinct;
    length = 0;
    begin();
    type.forEach(root, this);
    end();
    room(0);
    buffer.length = length;
    return buffer;
  }

  @Override
  public final void visit(long node, long count) {
    long view = node + (timed ? OrderedMultiset.PAYLOAD + 8 : OrderedMultiset.KEY);
    long entry = Keys.bytes(view);
    int bytes = Keys.length(Memory.getLong(view));
    long from = OrderedEntry.item(entry, bytes, keyed);
    long to = OrderedEntry.end(entry, bytes, keyed);
    for (long i = distinct ? 1 : count; i > 0; i--) {
      item(from, to);
    }
  }

  /** Begins a group. */
  protected abstract void begin();

  /** Takes the next value, which lies between two addresses, as an item. */
  protected abstract void item(long from, long to);

  /** The group is complete. */
  protected abstract void end();

  /** Appends bytes to the result. */
  protected final void append(long address, int bytes) {
    long to = room(bytes);
    Memory.copy(address, to, bytes);
    length += bytes;
  }

  /** Appends a byte to the result. */
  protected final void append(byte value) {
    Memory.putByte(room(1), value);
    length++;
  }

  private long room(int bytes) {
    return buffer.grow(Math.max(1, Math.addExact(length, bytes)), length) + length;
  }
}
