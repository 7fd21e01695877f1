package io.laminardb.storage;

import io.laminardb.core.durable.HeapSpill;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.storage.checkpoint.FileParts;
import io.laminardb.storage.checkpoint.PartStore;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.rocksdb.RocksParts;
import io.laminardb.storage.rocksdb.RocksSpill;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What directories of databases lie on.
 *
 * @param files the calls of a disk
 * @param parts how checkpoints keep parts
 * @param spill makes a place for state that memory has no room for, in a directory that is there
 * @param inline whether the journal is written by who asks for it, instead of threads, so that the same
 *     calls come every time
 */
record Medium(
    FileSystem files, PartStore.Kind parts, Function<Path, SpillStore> spill, boolean inline) {
  /** This machine's file system, and RocksDB. */
  static final Medium DISK = new Medium(FileSystem.DISK, RocksParts.KIND, RocksSpill::new, false);

  /** A file system that RocksDB cannot use; what is worth nothing after a crash need not be on it. */
  static Medium of(FileSystem files) {
    return new Medium(files, new FileParts.InFiles(files), directory -> new HeapSpill(), true);
  }
}
