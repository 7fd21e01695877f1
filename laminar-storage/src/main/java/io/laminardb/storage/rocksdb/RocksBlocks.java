package io.laminardb.storage.rocksdb;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Blocks, and maps, in a RocksDB without a log. Blocks are numbered in the order in which they come, so keys are
 * written in their order; the blocks lie in blob files, which go when none of their blocks is left. One
 * thread.
 */
final class RocksBlocks implements AutoCloseable {
  private final Path directory;
  private final RocksSettings settings;
  private final RocksDB database;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private long last;

  private RocksBlocks(Path directory, RocksSettings settings, RocksDB database) {
    this.directory = directory;
    this.settings = settings;
    this.database = database;
  }

  /** Opens an empty directory. */
  static RocksBlocks open(Path directory) {
    RocksLibrary.await();
    RocksSettings settings = RocksSettings.ofSpill();
    try {
      return new RocksBlocks(
          directory, settings, RocksDB.open(settings.options(), directory.toString()));
    } catch (RocksDBException e) {
      settings.close();
      throw RocksParts.failed("open", directory, e);
    }
  }

  long put(byte[] block) {
    try {
      database.put(unlogged, key(++last), block);
      return last;
    } catch (RocksDBException e) {
      throw RocksParts.failed("write to", directory, e);
    }
  }

  /** An empty map. */
  RocksMap map() {
    return new RocksMap(this, ++last);
  }

  byte[] get(long number) {
    try {
      byte[] block = database.get(key(number));
      if (block == null) {
        throw new LaminarException(
            ErrorCode.STATE_CORRUPT, "spilled state is gone from \"" + directory + "\".");
      }
      return block;
    } catch (RocksDBException e) {
      throw RocksParts.failed("read", directory, e);
    }
  }

  void drop(long number) {
    try {
      database.delete(unlogged, key(number));
    } catch (RocksDBException e) {
      throw RocksParts.failed("write to", directory, e);
    }
  }

  Path directory() {
    return directory;
  }

  RocksDB database() {
    return database;
  }

  /** How everything is written. */
  WriteOptions unlogged() {
    return unlogged;
  }

  /** What the key of a block is, and what those of a map begin with. */
  static byte[] key(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Override
  public void close() {
    database.cancelAllBackgroundWork(true);
    database.close();
    unlogged.close();
    settings.close();
  }
}
