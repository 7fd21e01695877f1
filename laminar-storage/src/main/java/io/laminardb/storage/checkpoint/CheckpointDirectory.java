package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.StorageReport.Damage;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A directory that holds one checkpoint, as it was found. It has its name, a number, from the moment it is
 * whole on disk until it begins to be deleted: what is missing in it was lost.
 */
public final class CheckpointDirectory {
  private static final String NUMBER = "[0-9]{10,18}";
  private static final String COMING = ".new";
  private static final String LEAVING = ".old";
  private static final String ASIDE = ".damaged";

  /** Unfinished ones, RocksDB's own (which ends with .tmp) among them, half deleted and damaged ones. */
  private static final String REST = NUMBER + "\\.(new|new\\.tmp|old|damaged)";

  private final FileSystem files;
  private final Path path;
  private final long id;
  private Manifest manifest;
  private String damage;

  private CheckpointDirectory(FileSystem files, Path path, long id) {
    this.files = files;
    this.path = path;
    this.id = id;
  }

  /** Where a checkpoint is made. */
  static Path coming(Path checkpoints, long id) {
    return checkpoints.resolve(nameOf(id) + COMING);
  }

  private static String nameOf(long id) {
    return String.format(Locale.ROOT, "%010d", id); // in digits that are found again
  }

  /** Ends a checkpoint that was made: durable when this returns. */
  static CheckpointDirectory end(FileSystem files, Path checkpoints, Manifest manifest)
      throws IOException {
    long id = manifest.info().id();
    Path coming = coming(checkpoints, id);
    files.writeAtomically(coming.resolve(Manifest.FILE), manifest.encode());
    Path path = checkpoints.resolve(nameOf(id));
    files.rename(coming, path);
    files.forceDirectory(checkpoints);
    CheckpointDirectory directory = new CheckpointDirectory(files, path, id);
    directory.manifest = manifest;
    return directory;
  }

  /** What is found in the directory of all checkpoints, oldest first; what is no checkpoint is not. */
  static List<CheckpointDirectory> list(FileSystem files, Path checkpoints) throws IOException {
    List<CheckpointDirectory> found = new ArrayList<>();
    if (files.exists(checkpoints)) {
      for (String name : files.list(checkpoints)) {
        if (name.matches(NUMBER)) {
          Path path = checkpoints.resolve(name);
          CheckpointDirectory directory =
              new CheckpointDirectory(files, path, Long.parseLong(name));
          directory.readManifest();
          found.add(directory);
        }
      }
    }
    return found;
  }

  /** Reads the manifest, or says what is wrong with it. */
  void readManifest() {
    Path file = path.resolve(Manifest.FILE);
    manifest = null;
    damage = null;
    try {
      if (!files.exists(file)) {
        damage = "is missing";
        return;
      }
      Manifest read = Manifest.decode(files.readAll(file));
      if (read.info().id() == id) {
        manifest = read;
      } else {
        damage = "is that of checkpoint " + read.info().id();
      }
    } catch (CheckedText.Damage e) {
      damage = "is damaged: " + e.getMessage();
    } catch (IOException e) {
      damage = "cannot be read: " + e.getMessage();
    } catch (Manifest.UnknownVersion e) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              "checkpoint \""
                  + path
                  + "\" has format "
                  + e.getMessage()
                  + "; this version reads format "
                  + Manifest.VERSION
                  + ".")
          .mend("Open it with the version of LaminarDB that wrote it.");
    }
  }

  public long id() {
    return id;
  }

  public Path path() {
    return path;
  }

  /** Whether its manifest is whole; of the rest nothing is known. */
  public boolean hasManifest() {
    return manifest != null;
  }

  /** What is wrong with its manifest, as the rest of a sentence, or null. */
  public String damage() {
    return damage;
  }

  /** What its manifest, which must be whole, says. */
  public CheckpointInfo info() {
    return manifest.info();
  }

  Manifest manifest() {
    return manifest;
  }

  /** The files whose names and sizes are not as the manifest, which must be whole, says. */
  List<Damage> checkSizes() {
    return check(false);
  }

  /** Reads every file and compares it with its checksum: those that are not as they were written. */
  public List<Damage> checkContents() {
    return damage != null ? List.of(new Damage(name(Manifest.FILE), damage)) : check(true);
  }

  /** How many files it has. */
  public int fileCount() {
    return manifest == null ? 1 : manifest.files().size() + 1;
  }

  /** The bytes of its files. */
  public long sizeBytes() {
    return manifest == null
        ? 0
        : manifest.files().stream().mapToLong(Manifest.SavedFile::size).sum();
  }

  private List<Damage> check(boolean contents) {
    List<Damage> found = new ArrayList<>();
    Set<String> present;
    try {
      present = Set.copyOf(files.list(path));
    } catch (IOException e) {
      return List.of(new Damage(name(""), "cannot be listed: " + e.getMessage()));
    }
    for (Manifest.SavedFile file : manifest.files()) {
      String wrong = present.contains(file.name()) ? check(file, contents) : "is missing";
      if (wrong != null) {
        found.add(new Damage(name(file.name()), wrong));
      }
    }
    return found;
  }

  /** A file's name as people are told it: from the database's directory on. */
  private String name(String file) {
    return path.getParent().getFileName() + "/" + path.getFileName() + "/" + file;
  }

  private String check(Manifest.SavedFile expected, boolean contents) {
    Path file = path.resolve(expected.name());
    try {
      long size = files.size(file);
      if (size != expected.size()) {
        return "is " + size + " bytes long instead of " + expected.size();
      }
      return contents && FileCopies.crc(files, file) != expected.crc()
          ? "has a wrong checksum"
          : null;
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
  }

  /**
   * Takes its number from it, for good: what cannot be read now, and is done without, could perhaps be read the next
   * time, when sinks have gone another way. It is there until the next checkpoint is. Durable when this returns.
   */
  public void putAside() throws IOException {
    files.rename(path, path.resolveSibling(path.getFileName() + ASIDE));
    files.forceDirectory(path.getParent());
  }

  /** Deletes it. Its number is gone first, so that what is left of it, if that fails, is no checkpoint. */
  void delete() throws IOException {
    Path leaving = path.resolveSibling(path.getFileName() + LEAVING);
    files.rename(path, leaving);
    files.forceDirectory(path.getParent());
    FileCopies.deleteFlat(files, leaving);
  }

  /** Deletes what was never ended and what was half deleted when the process ended. */
  static void deleteRest(FileSystem files, Path checkpoints) throws IOException {
    for (String name : files.list(checkpoints)) {
      if (name.matches(REST)) {
        FileCopies.deleteFlat(files, checkpoints.resolve(name));
      }
    }
  }
}
