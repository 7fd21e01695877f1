package io.laminardb.storage;

import io.laminardb.core.durable.SpillMap;
import io.laminardb.core.durable.SpillStore;

/** Spilled state in a directory that holds nothing else, and belongs to one database. */
record LockedSpill(SpillStore store, DirectoryLock lock) implements SpillStore {
  @Override
  public long put(byte[] block) {
    return store.put(block);
  }

  @Override
  public byte[] get(long number) {
    return store.get(number);
  }

  @Override
  public void drop(long number) {
    store.drop(number);
  }

  @Override
  public SpillMap map() {
    return store.map();
  }

  @Override
  public void close() {
    Closing.all(store, lock);
  }
}
