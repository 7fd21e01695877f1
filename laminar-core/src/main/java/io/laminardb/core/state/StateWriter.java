package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the state of an operator as bytes, key group by key group. Values are little-endian and
 * carry no tags: the reader knows the layout. One thread.
 */
public final class StateWriter {
  /** Every key belongs to one of this many groups, which can be restored alone. */
  public static final int KEY_GROUPS = 256;

  /** Section of state that belongs to no key. */
  public static final int NO_KEY_GROUP = -1;

  private byte[] bytes = new byte[1024];
  private int size;
  private int sectionStart = -1;

  /**
   * Begins a section of a key group, or of {@link #NO_KEY_GROUP}; sections of one group may repeat.
   */
  public void section(int keyGroup) {
    endSection();
    putInt(keyGroup);
    sectionStart = size;
    putInt(0);
  }

  public void putByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  public void putInt(int value) {
    ensure(4);
    setInt(size, value);
    size += 4;
  }

  public void putLong(long value) {
    ensure(8);
    for (int i = 0; i < 8; i++) {
      bytes[size++] = (byte) (value >>> (i << 3));
    }
  }

  /** Copies {@code length} bytes from off the heap. */
  public void putBytes(long address, int length) {
    ensure(length);
    Memory.copyToHeap(address, bytes, size, length);
    size += length;
  }

  public void putBytes(byte[] source) {
    ensure(source.length);
    System.arraycopy(source, 0, bytes, size, source.length);
    size += source.length;
  }

  /** Writes a text, which may be null. */
  public void putText(String text) {
    if (text == null) {
      putInt(-1);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putInt(utf8.length);
    putBytes(utf8);
  }

  /** Writes bytes with their number; null is told apart from none. */
  public void putBlock(byte[] block) {
    putInt(block == null ? -1 : block.length);
    if (block != null) {
      putBytes(block);
    }
  }

  /** Everything written so far. */
  public byte[] toBytes() {
    endSection();
    return Arrays.copyOf(bytes, size);
  }

  private void endSection() {
    if (sectionStart >= 0) {
      setInt(sectionStart, size - sectionStart - 4);
      sectionStart = -1;
    }
  }

  private void setInt(int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >>> (i << 3));
    }
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes =
          Arrays.copyOf(
              bytes,
              Math.max(
                  Math.addExact(size, more),
                  (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L)));
    }
  }
}
