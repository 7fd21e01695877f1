package io.laminardb.storage.journal;

import io.laminardb.core.memory.Memory;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How a record lies in a file. Everything is little-endian and begins at a multiple of 8 bytes:
 *
 * <pre>
 *  0  position, XOR a constant
 *  8  the position up to which all was durable when this was written
 * 16  length of the payload (4 bytes), check of the three values (3 bytes), 0xff
 * 24  payload, and zeros up to a multiple of 8
 *  n  CRC32C of everything before (4 bytes), trailing zeros (3 bytes), 0xff
 * </pre>
 *
 * <p>It is made so that what was never written can be told from what was damaged later. What a disk did
 * not write reads as zeros, up to the end of a 512-byte sector, or the file ends before it. So no
 * header and no footer begins or ends with a zero byte, and the footer counts how many zero bytes the
 * record has at the ends of its sectors (up to {@value #MAX_ZEROS}): if there are more now, then bytes
 * are missing and the record is <em>torn</em>. If a record is wrong but nothing of it is missing, it
 * was on the disk whole and has been damaged there: it is <em>rotten</em>.
 */
final class RecordFormat {
  static final int HEADER = 24;
  static final int FOOTER = 8;
  static final int SECTOR = 512;
  static final int MAX_ZEROS = (1 << 24) - 1;

  /** The longest payload. */
  static final int MAX_LENGTH = Integer.MAX_VALUE - 64;

  private static final long MAGIC = 0x9e6c63d0876a9a47L;
  private static final long END = 0xffL << 56;

  private RecordFormat() {}

  /** The bytes that a record takes in the file. */
  static int sizeOf(int length) {
    return HEADER + (length + 7 & -8) + FOOTER;
  }

  /**
   * Writes header, padding and footer around a payload.
   *
   * @param memory holds the record from {@code start} on; its position and limit are changed
   * @param address of the record, whose payload is there already
   * @param fileOffset where in the file the record will lie
   */
  static void seal(
      ByteBuffer memory,
      int start,
      long address,
      int length,
      long position,
      long durable,
      long fileOffset,
      CRC32C crc) {
    int size = sizeOf(length);
    Memory.putLong(address, position ^ MAGIC);
    Memory.putLong(address + 8, durable);
    Memory.putLong(address + 16, lengthWord(position, durable, length));
    for (int i = length; i < (length + 7 & -8); i++) {
      Memory.putByte(address + HEADER + i, (byte) 0);
    }
    long zeros = Math.min(MAX_ZEROS, trailingZeros(address, size, fileOffset));
    Memory.putLong(
        address + size - FOOTER, checksum(memory, start, size - FOOTER, crc) | zeros << 32 | END);
  }

  static long position(long address) {
    return Memory.getLong(address) ^ MAGIC;
  }

  static long durable(long address) {
    return Memory.getLong(address + 8);
  }

  static int length(long address) {
    return Memory.getInt(address + 16);
  }

  /** Whether 24 bytes are a header: the values in it can be believed. */
  static boolean isHeader(long address) {
    int length = length(address);
    long position = position(address);
    return length >= 0
        && length <= MAX_LENGTH
        && position > 0
        && Memory.getLong(address + 16) == lengthWord(position, durable(address), length);
  }

  /** Whether a part of these 24 bytes, which are no header, was never written. */
  static boolean isTornHeader(long address) {
    return Memory.getLong(address) == 0 || Memory.getLong(address + 16) >>> 56 == 0;
  }

  /** Whether a record whose header is right is whole. */
  static boolean isWhole(ByteBuffer memory, int start, long address, CRC32C crc) {
    int size = sizeOf(length(address));
    long footer = Memory.getLong(address + size - FOOTER);
    return footer >>> 56 == 0xff
        && (footer & 0xffffffffL) == checksum(memory, start, size - FOOTER, crc);
  }

  /** Whether a part of a record, whose header is right and which is not whole, was never written. */
  static boolean isTorn(long address, long fileOffset) {
    int size = sizeOf(length(address));
    long footer = Memory.getLong(address + size - FOOTER);
    return footer >>> 56 == 0
        || trailingZeros(address, size, fileOffset) > (footer >>> 32 & MAX_ZEROS);
  }

  private static long checksum(ByteBuffer memory, int start, int size, CRC32C crc) {
    memory.limit(start + size).position(start);
    crc.reset();
    crc.update(memory);
    return crc.getValue();
  }

  private static long lengthWord(long position, long durable, int length) {
    long hash = position * 0x9e3779b97f4a7c15L;
    hash = (hash ^ hash >>> 29 ^ durable) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ hash >>> 32 ^ length) * 0x94d049bb133111ebL;
    return length & 0xffffffffL | hash >>> 40 << 32 | END;
  }

  /** The zero bytes at the ends of those sectors that end inside the record, as far as they are its own. */
  private static long trailingZeros(long address, int size, long fileOffset) {
    long zeros = 0;
    long start = 0;
    for (long end = SECTOR - (fileOffset & SECTOR - 1); end < size; end += SECTOR) {
      for (long at = end - 8; at >= start; at -= 8) {
        long word = Memory.getLong(address + at);
        zeros += Long.numberOfLeadingZeros(word) >>> 3;
        if (word != 0) {
          break;
        }
      }
      start = end;
    }
    return zeros;
  }
}
