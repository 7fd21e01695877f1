package io.laminardb.core.state;

import io.laminardb.core.durable.SpillStore;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of places whose rows have changed and left memory since the last barrier, in the order in which they
 * left: the next checkpoint writes them before those of rows in memory. Only the last ones are in memory.
 * The reactor's thread.
 */
final class LeftRecords implements AutoCloseable {
  /** No records. */
  static final Given NONE = new Given(null, new long[0], new byte[0]);

  private final Spill spill;
  private final StateWriter writer = new StateWriter();
  private final List<Block> blocks = new ArrayList<>();

  /** A section of records in the store. */
  private record Block(long number, int length) {}

  LeftRecords(Spill spill) {
    this.spill = spill;
  }

  boolean isEmpty() {
    return blocks.isEmpty() && writer.sectionBytes() == 0;
  }

  /** Where the next record goes. */
  StateWriter next() {
    if (writer.sectionBytes() >= spill.blockBytes()) {
      flush();
    }
    if (writer.sectionBytes() == 0) {
      writer.section(StateWriter.ANY_KEY_GROUP);
    }
    return writer;
  }

  private void flush() {
    byte[] block = writer.takeBytes();
    blocks.add(new Block(spill.put(block, 0), block.length));
  }

  /** Gives all records away. */
  Given give() {
    byte[] last = writer.takeBytes();
    long[] numbers = new long[blocks.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = blocks.get(i).number;
      spill.forgot(0, blocks.get(i).length);
    }
    blocks.clear();
    return new Given(spill.store(), numbers, last);
  }

  /** Records that were given away. One thread, any. */
  record Given(SpillStore store, long[] numbers, byte[] last) {
    /** Reads the sections of records, and forgets them in the store. */
    List<byte[]> take() {
      List<byte[]> sections = new ArrayList<>();
      for (long number : numbers) {
        sections.add(store.get(number));
        store.drop(number);
      }
      if (last.length > 0) {
        sections.add(last);
      }
      return sections;
    }
  }

  @Override
  public void close() {
    for (Block block : blocks) {
      spill.drop(block.number, block.length, 0);
    }
    blocks.clear();
    writer.takeBytes();
  }
}
