package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;

/**
 * Whether texts fit the length their column declares: characters (code points) of a VARCHAR(n), bytes
 * of a VARBINARY(n). For the edges, where rows come in.
 */
public final class Lengths {
  private Lengths() {}

  /** Whether {@code length} bytes off the heap fit {@code type}. */
  public static boolean fits(DataType type, long address, int length) {
    int most = type.maxLength();
    return most == 0 || length <= most || isText(type) && characters(address, length) <= most;
  }

  /** As the other one, for bytes on the heap. */
  public static boolean fits(DataType type, byte[] bytes, int from, int length) {
    int most = type.maxLength();
    return most == 0 || length <= most || isText(type) && characters(bytes, from, length) <= most;
  }

  /** Whether a Java string fits {@code type}. */
  public static boolean fits(DataType type, String text) {
    int most = type.maxLength();
    return most == 0 || text.length() <= most || text.codePointCount(0, text.length()) <= most;
  }

  /** The first of rows {@code [from, to)} whose value does not fit {@code type}, or -1. */
  public static int firstTooLong(Column column, DataType type, int from, int to) {
    if (type.maxLength() == 0) {
      return -1;
    }
    for (int row = from; row < to; row++) {
      long at = column.offsetsAddress() + ((long) row << 2);
      int start = Memory.getInt(at);
      int length = Memory.getInt(at + 4) - start;
      if (!column.isNull(row) && !fits(type, column.dataAddress() + start, length)) {
        return row;
      }
    }
    return -1;
  }

  private static boolean isText(DataType type) {
    return type.kind() == DataType.Kind.VARCHAR;
  }

  private static int characters(long address, int length) {
    int count = 0;
    for (int i = 0; i < length; i++) {
      count += isContinuation(Memory.getByte(address + i)) ? 0 : 1;
    }
    return count;
  }

  private static int characters(byte[] bytes, int from, int length) {
    int count = 0;
    for (int i = from; i < from + length; i++) {
      count += isContinuation(bytes[i]) ? 0 : 1;
    }
    return count;
  }

  private static boolean isContinuation(byte utf8) {
    return (utf8 & 0xc0) == 0x80;
  }
}
