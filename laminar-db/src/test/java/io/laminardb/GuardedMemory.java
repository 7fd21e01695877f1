package io.laminardb;

import java.util.ArrayDeque;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Off-heap memory that tells of wrong use. New memory is full of nonsense, so that what is read before
 * it is written shows. Margins around each piece tell, when it is given back, of writes past its ends.
 * Memory that was given back is full of other nonsense and lies fallow before it is used again: what
 * still reads it gives a wrong answer, what still writes to it is found when the time is up. Whatever
 * is found ends the JVM, for in a test whose memory is damaged nothing that comes after means anything.
 * {@code -Dlaminar.memory.traces=true} says where memory was given back, and makes tests slower.
 */
public final class GuardedMemory {
  private static final int MARGIN = 64;
  private static final long FRESH = 0xA5A5A5A5A5A5A5A5L;
  private static final long EDGE = 0xE7E7E7E7E7E7E7E7L;
  private static final long FALLOW = 0xDBDBDBDBDBDBDBDBL;
  private static final long MAX_FALLOW_BYTES = 64 << 20;
  private static final long MAX_FALLOW_PIECE = 4 << 20;

  private static final boolean TRACES = Boolean.getBoolean("laminar.memory.traces");

  private static final ArrayDeque<Piece> PIECES = new ArrayDeque<>();
  private static long fallowBytes;

  private GuardedMemory() {}

  /**
   * A piece that was given back.
   *
   * @param base with its margins
   * @param length without them, rounded up to a word
   * @param released where, or null
   */
  private record Piece(long base, long length, Throwable released) {}

  /** Memory, aligned to 8 bytes. Any thread. */
  public static long allocate(long size) {
    long length = words(size);
    long base = MemoryUtil.allocateMemory(length + 2 * MARGIN);
    fill(base, MARGIN, EDGE);
    fill(base + MARGIN, length, FRESH);
    fill(base + MARGIN + length, MARGIN, EDGE);
    for (long i = size; i < length; i++) {
      MemoryUtil.putByte(base + MARGIN + i, (byte) EDGE);
    }
    return base + MARGIN;
  }

  /** Gives memory back. Any thread. */
  public static void release(long address, long size) {
    long length = words(size);
    long base = address - MARGIN;
    check(base, MARGIN, EDGE, "written to before its start", null);
    check(address + length, MARGIN, EDGE, "written to behind its end", null);
    for (long i = size; i < length; i++) {
      if (MemoryUtil.getByte(address + i) != (byte) EDGE) {
        damaged("written to just behind its end", address + i, null);
      }
    }
    fill(address, length, FALLOW);
    Piece piece = new Piece(base, length, TRACES ? new Throwable("given back here") : null);
    if (length > MAX_FALLOW_PIECE) {
      free(piece);
      return;
    }
    synchronized (PIECES) {
      PIECES.add(piece);
      fallowBytes += length;
      while (fallowBytes > MAX_FALLOW_BYTES) {
        Piece oldest = PIECES.remove();
        fallowBytes -= oldest.length;
        free(oldest);
      }
    }
  }

  private static void free(Piece piece) {
    check(
        piece.base + MARGIN,
        piece.length,
        FALLOW,
        "written to after it was given back",
        piece.released);
    MemoryUtil.freeMemory(piece.base);
  }

  private static long words(long size) {
    return (size + 7) & ~7L;
  }

  private static void fill(long address, long length, long word) {
    for (long i = 0; i < length; i += 8) {
      MemoryUtil.putLong(address + i, word);
    }
  }

  private static void check(long address, long length, long word, String what, Throwable where) {
    for (long i = 0; i < length; i += 8) {
      if (MemoryUtil.getLong(address + i) != word) {
        damaged(what, address + i, where);
      }
    }
  }

  private static void damaged(String what, long address, Throwable where) {
    new Throwable("off-heap memory was " + what + ", at " + Long.toHexString(address), where)
        .printStackTrace();
    Runtime.getRuntime().halt(134);
  }
}
