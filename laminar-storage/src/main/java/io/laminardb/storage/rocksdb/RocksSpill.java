package io.laminardb.storage.rocksdb;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.durable.SpillMap;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.FileCopies;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Spilled state in a RocksDB, which is opened when the first block comes, and deleted in the end. Any
 * thread.
 */
public final class RocksSpill implements SpillStore {
  private static final FileSystem FILES = FileSystem.DISK;

  private final Path directory;
  private RocksBlocks blocks; // null before the first one
  private boolean closed;

  /**
   * An empty store; what another process left in the directory is deleted.
   *
   * @param directory of this store alone; it is made when it is needed
   */
  public RocksSpill(Path directory) {
    this.directory = requireNonNull(directory, "directory");
    delete();
  }

  private void delete() {
    try {
      FileCopies.deleteFlat(FILES, directory);
    } catch (IOException e) {
      throw failed("delete", e);
    }
  }

  private LaminarException failed(String what, IOException e) {
    return new LaminarException(
        ErrorCode.IO_ERROR, "cannot " + what + " \"" + directory + "\": " + e.getMessage(), e);
  }

  private RocksBlocks blocks() {
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, "\"" + directory + "\" was closed.");
    }
    if (blocks == null) {
      try {
        FILES.createDirectories(directory);
      } catch (IOException e) {
        throw failed("make", e);
      }
      blocks = RocksBlocks.open(directory);
    }
    return blocks;
  }

  @Override
  public synchronized long put(byte[] block) {
    return blocks().put(block);
  }

  @Override
  public synchronized byte[] get(long number) {
    return blocks().get(number);
  }

  @Override
  public synchronized void drop(long number) {
    if (!closed) { // else it is gone with the others
      blocks().drop(number);
    }
  }

  @Override
  public synchronized SpillMap map() {
    return blocks().map();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (blocks != null) {
        blocks.close();
        delete();
      }
    }
  }
}
