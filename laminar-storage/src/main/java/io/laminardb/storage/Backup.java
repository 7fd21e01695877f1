package io.laminardb.storage;

import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.CheckpointDirectory;
import io.laminardb.storage.checkpoint.FileCopies;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.journal.FileJournal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Another directory from which a database can be opened as it is now. It is made under another name beside
 * the target and gets that name last, so a target is whole or not there.
 */
final class Backup {
  private static final String PARTIAL = ".partial";

  private final FileSystem files;
  private final Path source;
  private final Path target;
  private final Path partial;
  private long count;
  private long linkedBytes;
  private long copiedBytes;

  /**
   * @param directory of the database
   * @throws LaminarException IO_ERROR where the target is taken
   */
  Backup(FileSystem files, Path directory, Path target) {
    this.files = files;
    this.source = directory.resolve(DirectoryStorage.JOURNAL);
    this.target = target.toAbsolutePath().normalize();
    this.partial = this.target.resolveSibling(this.target.getFileName() + PARTIAL);
    try {
      if (files.exists(this.target) && !files.list(this.target).isEmpty()) {
        throw new LaminarException(
                ErrorCode.IO_ERROR, "\"" + target + "\" is there already, and not empty.")
            .mend("Name a directory that does not exist.");
      }
    } catch (IOException e) {
      throw StorageErrors.io("back up to", target, e);
    }
  }

  /**
   * Makes it.
   *
   * @param checkpoint the newest, or null
   */
  BackupInfo write(CheckpointDirectory checkpoint, FileJournal journal) {
    try {
      deleteTree(partial);
      try {
        files.createDirectories(partial);
        if (checkpoint != null) {
          add(checkpoint);
        }
        long position = add(journal);
        files.forceDirectory(partial);
        files.delete(target);
        files.rename(partial, target);
        files.forceDirectory(target.getParent());
        return new BackupInfo(
            checkpoint == null ? 0 : checkpoint.id(), position, count, linkedBytes, copiedBytes);
      } catch (IOException | RuntimeException e) {
        deletePartial(e);
        throw e;
      }
    } catch (IOException e) {
      throw StorageErrors.io("back up to", target, e);
    }
  }

  /** What cannot be deleted now is deleted by the next attempt; {@code failure} is what to tell. */
  private void deletePartial(Exception failure) {
    try {
      deleteTree(partial);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private long add(FileJournal journal) throws IOException {
    Path directory = partial.resolve(DirectoryStorage.JOURNAL);
    long position = journal.backup(directory);
    for (String name : files.list(directory)) {
      Path copy = directory.resolve(name);
      Path original = source.resolve(name);
      boolean linked = Files.exists(original) && Files.isSameFile(original, copy);
      count(files.size(copy), linked);
    }
    return position;
  }

  /** Adds a checkpoint, no file of which ever changes. */
  private void add(CheckpointDirectory checkpoint) throws IOException {
    Path all = partial.resolve(checkpoint.path().getParent().getFileName());
    Path copy = all.resolve(checkpoint.path().getFileName());
    files.createDirectories(copy);
    for (String name : files.list(checkpoint.path())) {
      link(checkpoint.path().resolve(name), copy.resolve(name));
    }
    files.forceDirectory(copy);
    files.forceDirectory(all);
  }

  private void link(Path from, Path to) throws IOException {
    boolean copied = FileCopies.linkOrCopy(files, from, to);
    count(files.size(to), !copied);
  }

  private void count(long size, boolean linked) {
    count++;
    if (linked) {
      linkedBytes += size;
    } else {
      copiedBytes += size;
    }
  }

  /** Deletes what an earlier attempt left: directories in directories, three deep at most. */
  private void deleteTree(Path path) throws IOException {
    if (files.exists(path)) {
      if (files.isDirectory(path)) {
        for (String name : files.list(path)) {
          deleteTree(path.resolve(name));
        }
      }
      files.delete(path);
    }
  }
}
