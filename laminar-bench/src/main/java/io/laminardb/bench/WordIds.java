package io.laminardb.bench;

import java.util.Arrays;

/**
 * What a programmer writes by hand to count things by a short text: open addressing from the text's
 * bytes to a dense id. Texts of up to 8 bytes are one word, longer ones are refused: the loops it
 * serves have short symbols.
 */
final class WordIds extends TextIds {
  private long[] words = new long[1 << 12]; // the text, zero-padded; 0 is free
  private int[] ids = new int[1 << 12];
  private long[] wordById = new long[1 << 11];
  private int size;

  @Override
  int idOf(long address, int length) {
    return idOf(word(address, length));
  }

  private int idOf(long word) {
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

  @Override
  long wordOf(int id) {
    return wordById[id];
  }

  @Override
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
