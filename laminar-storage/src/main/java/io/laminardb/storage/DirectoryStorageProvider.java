package io.laminardb.storage;

import io.laminardb.core.durable.History;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Databases in directories of this machine's file system, with checkpoints in RocksDB. */
public final class DirectoryStorageProvider implements StorageProvider {
  @Override
  public Storage open(Path directory, StorageOptions options) {
    try {
      Medium.DISK.files().createDirectories(directory);
    } catch (IOException e) {
      throw StorageErrors.io("make", directory, e);
    }
    DirectoryLock lock = DirectoryLock.take(directory);
    return DirectoryStorage.open(Medium.DISK, directory, options, lock);
  }

  @Override
  public SpillStore spill(Path directory) {
    try {
      FileSystem.DISK.createDirectories(directory);
    } catch (IOException e) {
      throw StorageErrors.io("make", directory, e);
    }
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      return new LockedSpill(
          Medium.DISK.spill().apply(directory.resolve(DirectoryStorage.SPILL)), lock);
    } catch (RuntimeException e) {
      Closing.all(lock);
      throw e;
    }
  }

  @Override
  public History history(Path directory) {
    requireThere(directory, "to replay");
    if (!Files.isDirectory(directory.resolve(DirectoryStorage.JOURNAL))) {
      throw new LaminarException(
              ErrorCode.IO_ERROR, "\"" + directory + "\" is no directory of a database.")
          .mend("Name the directory that the database was opened with, or a backup of it.");
    }
    return new DirectoryHistory(Medium.DISK, directory, DirectoryLock.keepOut(directory));
  }

  private static void requireThere(Path directory, String what) {
    if (!Files.isDirectory(directory)) {
      throw new LaminarException(
          ErrorCode.IO_ERROR, "there is no directory \"" + directory + "\" " + what + ".");
    }
  }

  @Override
  public StorageReport check(Path directory) {
    requireThere(directory, "to check");
    // Without the file nobody has it open, and it may be where nothing can be written.
    DirectoryLock lock =
        Files.exists(directory.resolve(DirectoryLock.FILE)) ? DirectoryLock.take(directory) : null;
    try {
      return new DirectoryCheck(Medium.DISK, directory).report();
    } finally {
      Closing.all(lock);
    }
  }
}
