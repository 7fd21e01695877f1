package io.laminardb.storage;

import io.laminardb.storage.checkpoint.FileParts;
import io.laminardb.storage.checkpoint.PartStore;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.rocksdb.RocksParts;

/**
 * What directories of databases lie on.
 *
 * @param files the calls of a disk
 * @param parts how checkpoints keep parts
 * @param inline whether the journal is written by who asks for it, instead of threads, so that the same
 *     calls come every time
 */
record Medium(FileSystem files, PartStore.Kind parts, boolean inline) {
  /** This machine's file system, and RocksDB. */
  static final Medium DISK = new Medium(FileSystem.DISK, RocksParts.KIND, false);

  /** A file system that RocksDB cannot use. */
  static Medium of(FileSystem files) {
    return new Medium(files, new FileParts.InFiles(files), true);
  }
}
