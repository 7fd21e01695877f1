package io.laminardb.bench;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;

/**
 * What a programmer writes by hand to count things by a text whose length is not known: a hash over its
 * bytes, open addressing, and a comparison byte by byte.
 */
final class ByteIds extends TextIds {
  private int[] slots = new int[1 << 12]; // id + 1; 0 is free
  private int[] hashes = new int[1 << 11]; // by id, as the other arrays
  private int[] ends = new int[1 << 11];
  private long[] words = new long[1 << 11];
  private byte[] bytes = new byte[1 << 14];
  private int size;

  @Override
  int idOf(long address, int length) {
    int hash = 0;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + Memory.getByte(address + i);
    }
    hash *= 0x9E3779B9;
    hash ^= hash >>> 15;
    int mask = slots.length - 1;
    int slot = hash & mask;
    for (; slots[slot] != 0; slot = slot + 1 & mask) {
      int id = slots[slot] - 1;
      if (hashes[id] == hash && equals(id, address, length)) {
        return id;
      }
    }
    return insert(address, length, hash, slot);
  }

  private boolean equals(int id, long address, int length) {
    int start = id == 0 ? 0 : ends[id - 1];
    if (ends[id] - start != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[start + i] != Memory.getByte(address + i)) {
        return false;
      }
    }
    return true;
  }

  private int insert(long address, int length, int hash, int slot) {
    int start = size == 0 ? 0 : ends[size - 1];
    if (start + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(start + length, bytes.length * 2));
    }
    Memory.copyToHeap(address, bytes, start, length);
    if (size == ends.length) {
      hashes = Arrays.copyOf(hashes, size * 2);
      ends = Arrays.copyOf(ends, size * 2);
      words = Arrays.copyOf(words, size * 2);
    }
    hashes[size] = hash;
    ends[size] = start + length;
    words[size] = exactWord(address, length);
    slots[slot] = ++size;
    if (size * 2 > slots.length) {
      grow();
    }
    return size - 1;
  }

  private void grow() {
    slots = new int[slots.length * 2];
    int mask = slots.length - 1;
    for (int id = 0; id < size; id++) {
      int slot = hashes[id] & mask;
      while (slots[slot] != 0) {
        slot = slot + 1 & mask;
      }
      slots[slot] = id + 1;
    }
  }

  @Override
  long wordOf(int id) {
    return words[id];
  }

  @Override
  int size() {
    return size;
  }
}
