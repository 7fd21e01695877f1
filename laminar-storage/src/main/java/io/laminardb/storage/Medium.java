package io.laminardb.storage;

import io.laminardb.core.durable.SpillStore;
import io.laminardb.storage.checkpoint.FileParts;
import io.laminardb.storage.checkpoint.PartStore;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.rocksdb.RocksParts;
import io.laminardb.storage.rocksdb.RocksSpill;
import java.nio.file.Path;

/**
 * What directories of databases lie on.
 *
 * @param files the calls of a disk
 * @param parts how checkpoints keep parts
 * @param isSimulated whether nobody else than the caller does anything: the journal is written by who asks
 *     for it instead of threads, so that the same calls come every time, and state spills to the heap
 */
record Medium(FileSystem files, PartStore.Kind parts, boolean isSimulated) {
  /** This machine's file system, and RocksDB. */
  static final Medium DISK = new Medium(FileSystem.DISK, RocksParts.KIND, false);

  /** A file system that RocksDB cannot use. */
  static Medium simulated(FileSystem files) {
    return new Medium(files, new FileParts.InFiles(files), true);
  }

  /** Where state spills to that memory has no room for; the directory is its own. */
  SpillStore spill(Path directory) {
    return isSimulated ? new HeapSpill() : new RocksSpill(directory);
  }
}
