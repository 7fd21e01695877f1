package io.laminardb.bench;

import io.laminardb.core.memory.Memory;

/** From texts to dense ids: the hash table of the hand-written loops. */
abstract class TextIds {
  /** The id of a text; new ones get the next. */
  abstract int idOf(long address, int length);

  /** The text of an id as {@link #word} has it, for checksums. */
  abstract long wordOf(int id);

  abstract int size();

  /**
   * The text at {@code address} as a word: one load, masked. Reads 8 bytes whatever the length, so
   * the buffer has to reach that far.
   */
  static long word(long address, int length) {
    if (length > 8) {
      throw new IllegalArgumentException("symbols of the hand-written loops have at most 8 bytes");
    }
    return length == 0 ? 0 : Memory.getLong(address) & -1L >>> (64 - (length << 3));
  }

  /** As {@link #word}, where the buffer may end with the text. */
  static long exactWord(long address, int length) {
    if (length >= 8) {
      return word(address, length);
    }
    if (length >= 4) {
      long low = Memory.getInt(address) & 0xffffffffL;
      long high = Memory.getInt(address + length - 4) & 0xffffffffL;
      return low | high << (length - 4 << 3);
    }
    long word = 0;
    for (int i = 0; i < length; i++) {
      word |= (Memory.getByte(address + i) & 0xffL) << (i << 3);
    }
    return word;
  }
}
