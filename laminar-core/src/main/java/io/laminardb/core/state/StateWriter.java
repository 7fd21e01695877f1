package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the state of an operator as bytes, key group by key group. Values are little-endian and
 * carry no tags: the reader knows the layout. One thread.
 */
public final class StateWriter {
  /** Every key belongs to one of this many groups, which can be restored alone. */
  public static final int KEY_GROUPS = 256;

  /** Section of state that belongs to no key. */
  public static final int NO_KEY_GROUP = -1;

  /** Section of rows by their place in a table: each row's hash tells its key group. */
  public static final int ANY_KEY_GROUP = -2;

  /** Section of rows that a table has no memory for. */
  public static final int SPILLED = -3;

  private static final int SECTION_HEADER = 8;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final List<byte[]> sections = new ArrayList<>(); // that are finished
  private byte[] bytes = new byte[1024]; // of the present one
  private int size;
  private boolean inSection;
  private final TableCopies copies; // null where all state is written at once
  private final Map<KeyedTable, Long> tables = new HashMap<>(); // that are written at once

  /** A writer of all state. */
  public StateWriter() {
    this(null);
  }

  /** A writer of all state but the tables that track changes: {@code copies} copies them later. */
  public StateWriter(TableCopies copies) {
    this.copies = copies;
  }

  /** What copies tables that track changes later, or null. */
  TableCopies copies() {
    return copies;
  }

  /** The number by which pages know a table that is written at once. */
  long numberOf(KeyedTable table) {
    return tables.computeIfAbsent(table, any -> tables.size() + 1L);
  }

  /**
   * Begins a section of a key group, or of {@link #NO_KEY_GROUP}; sections of one group may repeat.
   */
  public void section(int keyGroup) {
    endSection();
    putInt(keyGroup);
    putInt(0);
    inSection = true;
  }

  public void putByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  public void putInt(int value) {
    ensure(4);
    INT.set(bytes, size, value);
    size += 4;
  }

  public void putLong(long value) {
    ensure(8);
    LONG.set(bytes, size, value);
    size += 8;
  }

  /** Copies whole words from off the heap: a few, one by one. */
  void putWords(long address, int length) {
    ensure(length);
    for (int i = 0; i < length; i += 8) {
      LONG.set(bytes, size + i, Memory.getLong(address + i));
    }
    size += length;
  }

  /** What is written outside of sections, up to {@link #sectionBytes}; valid until more is. */
  byte[] value() {
    return bytes;
  }

  /** Bytes of the present section. */
  int sectionBytes() {
    return size;
  }

  /** Drops what stands behind so many bytes of the present section. */
  void cutTo(int length) {
    size = length;
  }

  /** Puts the number of bytes that stand behind it to an int of the present section. */
  void endLength(int at) {
    INT.set(bytes, at, size - at - 4);
  }

  /** Moves the present section to {@code target}, which has room for it. */
  void moveTo(ByteBuffer target) {
    target.put(bytes, 0, size);
    size = 0;
  }

  /** Copies {@code length} bytes from off the heap. */
  public void putBytes(long address, int length) {
    ensure(length);
    Memory.copyToHeap(address, bytes, size, length);
    size += length;
  }

  public void putBytes(byte[] source) {
    putBytes(source, 0);
  }

  /** Writes the bytes of an array from an index on. */
  void putBytes(byte[] source, int from) {
    int length = source.length - from;
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
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
    return concatenated(sections());
  }

  /** Everything written since the last time, which is forgotten. */
  byte[] takeBytes() {
    byte[] all = toBytes();
    sections.clear();
    return all;
  }

  /** Everything written so far, section by section. */
  public List<byte[]> sections() {
    endSection();
    return sections;
  }

  /** Sections one behind the other. */
  public static byte[] concatenated(List<byte[]> sections) {
    if (sections.size() == 1) {
      return sections.get(0);
    }
    long length = 0;
    for (byte[] section : sections) {
      length += section.length;
    }
    byte[] all = new byte[Math.toIntExact(length)];
    int at = 0;
    for (byte[] section : sections) {
      System.arraycopy(section, 0, all, at, section.length);
      at += section.length;
    }
    return all;
  }

  /** The section is copied out of memory that is used again, which is in the cache. */
  private void endSection() {
    if (inSection) {
      INT.set(bytes, 4, size - SECTION_HEADER);
      inSection = false;
    }
    if (size > 0) {
      sections.add(Arrays.copyOf(bytes, size));
      size = 0;
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
