package io.laminardb.storage.journal;

import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.memory.Memory;
import java.util.SplittableRandom;

/** Records whose bytes follow from their position, so that a reader can tell right from wrong. */
final class Records {
  private Records() {}

  /** The bytes of the record at a position: random, all zeros, or zeros with a few others. */
  static byte[] bytes(long seed, long position, int maxLength) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + position);
    byte[] bytes =
        new byte[random.nextInt(8) == 0 ? random.nextInt(maxLength) : random.nextInt(100)];
    switch (random.nextInt(4)) {
      case 0 -> {}
      case 1 -> {
        for (int i = random.nextInt(1, 600); i < bytes.length; i += random.nextInt(1, 2000)) {
          bytes[i] = (byte) random.nextInt();
        }
      }
      default -> random.nextBytes(bytes);
    }
    return bytes;
  }

  /** Writes the next record; false if the journal is full. */
  static boolean write(Journal journal, long seed, int maxLength) {
    byte[] bytes = bytes(seed, journal.position() + 1, maxLength);
    long address = journal.claim(bytes.length);
    if (address == Journal.FULL) {
      return false;
    }
    Memory.copyFromHeap(bytes, 0, address, bytes.length);
    journal.commit();
    return true;
  }

  /** Writes a record to a journal without threads. */
  static void write(Journal journal, byte[] bytes) {
    long address = journal.claim(bytes.length);
    if (address == Journal.FULL) {
      throw new AssertionError("full");
    }
    Memory.copyFromHeap(bytes, 0, address, bytes.length);
    journal.commit();
  }

  /** Writes the next record, however long that takes. */
  static void writeFully(Journal journal, long seed, int maxLength) {
    while (!write(journal, seed, maxLength)) {
      Thread.yield();
    }
  }

  static byte[] current(JournalReader reader) {
    byte[] bytes = new byte[reader.length()];
    Memory.copyToHeap(reader.address(), bytes, 0, bytes.length);
    return bytes;
  }
}
