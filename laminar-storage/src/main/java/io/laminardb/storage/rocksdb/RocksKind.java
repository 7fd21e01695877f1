package io.laminardb.storage.rocksdb;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.FileCopies;
import io.laminardb.storage.checkpoint.PartStore;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;

/** How RocksDB keeps parts, in the files of this machine. */
final class RocksKind implements PartStore.Kind {
  private static final FileSystem FILES = FileSystem.DISK;

  @Override
  public void prepare() {
    RocksLibrary.begin();
  }

  @Override
  public void await() {
    RocksLibrary.await();
  }

  @Override
  public PartStore.Saved read(Path directory) {
    return SavedRocksParts.open(directory);
  }

  @Override
  public PartStore open(Path directory, Path saved) {
    try {
      FileCopies.deleteFlat(FILES, directory);
      FILES.createDirectories(directory);
      if (saved != null) {
        for (String name : FILES.list(saved)) {
          Path from = saved.resolve(name);
          Path to = directory.resolve(name);
          if (isShared(name)) {
            FileCopies.linkOrCopy(FILES, from, to);
          } else {
            FileCopies.copy(FILES, from, to, FILES.size(from));
          }
        }
      }
    } catch (IOException e) {
      throw new LaminarException(
          ErrorCode.IO_ERROR, "cannot make \"" + directory + "\": " + e.getMessage() + ".", e);
    }
    return RocksParts.open(directory);
  }

  @Override
  public boolean isShared(String file) {
    return file.endsWith(".sst") || file.endsWith(".blob");
  }
}
