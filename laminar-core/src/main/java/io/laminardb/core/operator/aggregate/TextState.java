package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.StateHeap;

/** A text in a row of state: a view that owns its bytes where they are too long for it. */
public final class TextState {
  private TextState() {}

  /** Puts a copy of a text in the place of the one at {@code view}. */
  public static void set(long view, long address, int length, StateHeap heap) {
    set(view, Keys.head(address, length), Keys.tail(address, length), heap);
  }

  /** As above, of the text that {@code head} and {@code borrowedTail} are a view of. */
  public static void set(long view, long head, long borrowedTail, StateHeap heap) {
    long old = Memory.getLong(view + 8);
    int oldLength = Memory.getInt(view);
    long tail = Keys.isLong(head) ? heap.copy(borrowedTail, Keys.length(head)) : borrowedTail;
    if (oldLength > Keys.INLINE_BYTES) {
      heap.free(old, oldLength);
    }
    Memory.putLong(view, head);
    Memory.putLong(view + 8, tail);
  }
}
