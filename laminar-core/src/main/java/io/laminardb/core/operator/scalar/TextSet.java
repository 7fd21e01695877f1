package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.nio.charset.StandardCharsets;

/** An immutable set of texts: a long IN list. Open addressing; allocation-free look-ups. */
public final class TextSet {
  private final byte[][] slots;
  private final int mask;

  public TextSet(String[] members) {
    int size = Integer.highestOneBit(Math.max(1, members.length)) << 2;
    mask = size - 1;
    slots = new byte[size][];
    for (String member : members) {
      byte[] bytes = member.getBytes(StandardCharsets.UTF_8);
      int hash = 0;
      for (byte b : bytes) {
        hash = 31 * hash + b;
      }
      int slot = spread(hash) & mask;
      while (slots[slot] != null) {
        slot = slot + 1 & mask;
      }
      slots[slot] = bytes;
    }
  }

  public boolean contains(Utf8 text) {
    int hash = 0;
    for (int i = 0; i < text.length; i++) {
      hash = 31 * hash + Memory.getByte(text.address + i);
    }
    int slot = spread(hash) & mask;
    while (slots[slot] != null) {
      if (same(slots[slot], text)) {
        return true;
      }
      slot = slot + 1 & mask;
    }
    return false;
  }

  private static boolean same(byte[] bytes, Utf8 text) {
    if (bytes.length != text.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != Memory.getByte(text.address + i)) {
        return false;
      }
    }
    return true;
  }

  private static int spread(int hash) {
    return hash ^ hash >>> 15;
  }
}
