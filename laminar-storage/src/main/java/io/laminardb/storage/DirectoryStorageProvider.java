package io.laminardb.storage;

import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.rocksdb.RocksParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Databases in directories of this machine's file system, with checkpoints in RocksDB. */
public final class DirectoryStorageProvider implements StorageProvider {
  @Override
  public Storage open(Path directory, StorageOptions options) {
    try {
      FileSystem.DISK.createDirectories(directory);
    } catch (IOException e) {
      throw StorageErrors.io("make", directory, e);
    }
    DirectoryLock lock = DirectoryLock.take(directory);
    return DirectoryStorage.open(FileSystem.DISK, RocksParts.KIND, directory, options, lock);
  }

  @Override
  public StorageReport check(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new LaminarException(
          ErrorCode.IO_ERROR, "there is no directory \"" + directory + "\" to check.");
    }
    // Without the file nobody has it open, and it may be where nothing can be written.
    DirectoryLock lock =
        Files.exists(directory.resolve(DirectoryLock.FILE)) ? DirectoryLock.take(directory) : null;
    try {
      return new DirectoryCheck(FileSystem.DISK, RocksParts.KIND, directory).report();
    } finally {
      Closing.all(lock);
    }
  }
}
