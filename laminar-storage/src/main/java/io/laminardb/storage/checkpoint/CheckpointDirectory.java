package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A directory that holds one checkpoint, as it was found. Without a manifest it is one that was never
 * ended, or is half deleted.
 */
public final class CheckpointDirectory {
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

  static Path path(Path checkpoints, long id) {
    return checkpoints.resolve(String.format("%010d", id));
  }

  /** What is found in the directory of all checkpoints, oldest first; what is no checkpoint is not. */
  static List<CheckpointDirectory> list(FileSystem files, Path checkpoints) throws IOException {
    List<CheckpointDirectory> found = new ArrayList<>();
    if (files.exists(checkpoints)) {
      for (String name : files.list(checkpoints)) {
        if (name.matches("[0-9]{10,18}")) {
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

  static CheckpointDirectory written(FileSystem files, Path path, Manifest manifest) {
    CheckpointDirectory directory = new CheckpointDirectory(files, path, manifest.info().id());
    directory.manifest = manifest;
    return directory;
  }

  private void readManifest() {
    Path file = path.resolve(Manifest.FILE);
    try {
      if (!files.exists(file)) {
        return;
      }
      Manifest read = Manifest.decode(files.readAll(file));
      if (read.info().id() == id) {
        manifest = read;
      } else {
        damage = Manifest.FILE + " is that of checkpoint " + read.info().id();
      }
    } catch (Manifest.Damage e) {
      damage = Manifest.FILE + " is damaged: " + e.getMessage();
    } catch (IOException e) {
      damage = Manifest.FILE + " cannot be read: " + e.getMessage();
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

  /** Whether it was ended: there is a manifest, even a damaged one. */
  public boolean isEnded() {
    return manifest != null || damage != null;
  }

  /** Whether its manifest is whole; of the rest nothing is known. */
  public boolean hasManifest() {
    return manifest != null;
  }

  /** What is wrong with its manifest, or null. */
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

  /** Names and sizes of the files that are not as the manifest says; one sentence each. */
  List<String> checkSizes() {
    return check(false);
  }

  /** Reads every file and compares it with its checksum; one sentence for each that is damaged. */
  public List<String> checkContents() {
    return check(true);
  }

  private List<String> check(boolean contents) {
    List<String> found = new ArrayList<>();
    Set<String> present = new HashSet<>();
    try {
      present.addAll(files.list(path));
    } catch (IOException e) {
      found.add("it cannot be listed: " + e.getMessage());
    }
    for (Manifest.SavedFile file : manifest.files()) {
      String wrong = present.contains(file.name()) ? check(file, contents) : "is missing";
      if (wrong != null) {
        found.add(file.name() + " " + wrong);
      }
    }
    return found;
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

  /** Deletes it: the manifest first, so that what is left of it, if that fails, is no checkpoint. */
  void delete() throws IOException {
    if (isEnded()) {
      files.delete(path.resolve(Manifest.FILE));
      files.forceDirectory(path);
    }
    FileCopies.deleteFlat(files, path);
  }
}
