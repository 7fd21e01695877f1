package io.laminardb.storage;

import io.laminardb.core.durable.SpillStore;
import java.util.HashMap;
import java.util.Map;

/** Keeps what spills on the heap, where there is no disk for it. */
final class HeapSpill implements SpillStore {
  private final Map<Long, byte[]> blocks = new HashMap<>();
  private long last;

  @Override
  public long put(byte[] block) {
    blocks.put(++last, block.clone());
    return last;
  }

  @Override
  public byte[] get(long number) {
    return blocks.get(number).clone();
  }

  @Override
  public void drop(long number) {
    blocks.remove(number);
  }

  @Override
  public void close() {
    blocks.clear();
  }
}
