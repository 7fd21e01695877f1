package io.laminardb.storage;

import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where files go that are of no use any more but hold what was lost: a directory of its own for each time
 * that a loss was accepted. Nothing here is ever read or removed.
 */
final class LostFiles {
  static final String DIRECTORY = "lost";

  private final FileSystem files;
  private final Path target;

  /** A new, empty place in a database's directory. */
  LostFiles(FileSystem files, Path directory) throws IOException {
    this.files = files;
    Path all = directory.resolve(DIRECTORY);
    files.createDirectories(all);
    files.forceDirectory(directory);
    int number = 1;
    while (files.exists(all.resolve(Integer.toString(number)))) {
      number++;
    }
    this.target = all.resolve(Integer.toString(number));
    files.createDirectories(target);
    files.forceDirectory(all);
  }

  Path path() {
    return target;
  }

  /** Moves a directory that holds files only, which is gone then. Durable when this returns. */
  void moveAll(Path directory) throws IOException {
    Path to = target.resolve(directory.getFileName());
    files.createDirectories(to);
    files.forceDirectory(target);
    for (String name : files.list(directory)) {
      files.rename(directory.resolve(name), to.resolve(name));
    }
    files.forceDirectory(to);
    files.forceDirectory(directory);
    files.delete(directory);
    files.forceDirectory(directory.getParent());
  }
}
