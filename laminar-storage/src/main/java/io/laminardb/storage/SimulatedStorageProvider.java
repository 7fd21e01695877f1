package io.laminardb.storage;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.durable.History;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.nio.file.Path;

/**
 * Databases on a simulated file system, for tests: all that an inline database asks of the disk comes in
 * the same order every time, on the threads that ask. Checkpoints are in plain files instead of RocksDB,
 * and nobody locks directories.
 */
public final class SimulatedStorageProvider implements StorageProvider {
  private static final AutoCloseable NO_LOCK = () -> {};

  private final Medium medium;

  public SimulatedStorageProvider(SimulatedFileSystem files) {
    this.medium = Medium.of(requireNonNull(files, "files"));
  }

  @Override
  public Storage open(Path directory, StorageOptions options) {
    return DirectoryStorage.open(medium, directory, options, NO_LOCK);
  }

  @Override
  public SpillStore spill(Path directory) {
    return medium.spill().apply(directory);
  }

  @Override
  public History history(Path directory) {
    return new DirectoryHistory(medium, directory, NO_LOCK);
  }

  @Override
  public StorageReport check(Path directory) {
    return new DirectoryCheck(medium, directory).report();
  }
}
