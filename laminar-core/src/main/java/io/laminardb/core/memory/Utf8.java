package io.laminardb.core.memory;

import java.nio.charset.StandardCharsets;

/**
 * A reusable view of a UTF-8 text (or of plain bytes) off the heap. Kernels hold one per expression
 * and move it from row to row, so that reading a VARCHAR allocates nothing. The bytes belong to a
 * batch, a state table or a {@link Utf8Buffer}; the view is valid as long as they are.
 */
public class Utf8 {
  /** First byte. */
  public long address;

  /** Length in bytes. */
  public int length;

  /** Moves the view. */
  public final Utf8 set(long newAddress, int newLength) {
    address = newAddress;
    length = newLength;
    return this;
  }

  /** Moves the view to row {@code row} of a column with 32-bit offsets. */
  public final Utf8 setRow(long offsetsAddress, long dataAddress, int row) {
    long at = offsetsAddress + ((long) row << 2);
    int start = Memory.getInt(at);
    address = dataAddress + start;
    length = Memory.getInt(at + 4) - start;
    return this;
  }

  public final boolean sameAs(Utf8 other) {
    return length == other.length && Memory.equal(address, other.address, length);
  }

  public final int compareWith(Utf8 other) {
    return Memory.compare(address, length, other.address, other.length);
  }

  /** A copy as a Java string; for the edges, never for the hot path. */
  @Override
  public final String toString() {
    byte[] bytes = new byte[length];
    Memory.copyToHeap(address, bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
