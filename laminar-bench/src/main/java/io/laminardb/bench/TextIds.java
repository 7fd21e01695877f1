package io.laminardb.bench;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;

/**
 * What a programmer writes by hand to count things by a short text: open addressing from the text's
 * bytes to a dense id. Texts of up to 8 bytes are one word, longer ones are refused: the loops it
 * serves have short symbols.
 */
final class TextIds {
  private long[] words = new long[1 << 12]; // the text, zero-padded; 0 is free
  private int[] ids = new int[1 << 12];
  private long[] wordById = new long[1 << 11];
  private int size;

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

  /** Ids of texts in their order, from 0 on. */
  static TextIds of(String[] texts) {
    TextIds ids = new TextIds();
    for (String text : texts) {
      long word = 0;
      for (int i = 0; i < text.length(); i++) {
        word |= (text.charAt(i) & 0x7fL) << (i << 3);
      }
      ids.idOf(word);
    }
    return ids;
  }

  /** The id of a text, given as a word; new texts get the next one. */
  int idOf(long word) {
    int mask = words.length - 1;
    int slot = (int) (word * 0x9E3779B97F4A7C15L >>> 40) & mask;
    while (true) {
      long found = words[slot];
      if (found == word) {
        return ids[slot];
      }
      if (found == 0) {
        return insert(word, slot);
      }
      slot = slot + 1 & mask;
    }
  }

  long wordOf(int id) {
    return wordById[id];
  }

  int size() {
    return size;
  }

  private int insert(long word, int slot) {
    if (size * 2 >= words.length) {
      grow();
      return idOf(word);
    }
    if (size == wordById.length) {
      wordById = Arrays.copyOf(wordById, size * 2);
    }
    words[slot] = word;
    ids[slot] = size;
    wordById[size] = word;
    return size++;
  }

  private void grow() {
    long[] oldWords = words;
    int[] oldIds = ids;
    words = new long[oldWords.length * 2];
    ids = new int[words.length];
    int mask = words.length - 1;
    for (int i = 0; i < oldWords.length; i++) {
      if (oldWords[i] != 0) {
        int slot = (int) (oldWords[i] * 0x9E3779B97F4A7C15L >>> 40) & mask;
        while (words[slot] != 0) {
          slot = slot + 1 & mask;
        }
        words[slot] = oldWords[i];
        ids[slot] = oldIds[i];
      }
    }
  }
}
