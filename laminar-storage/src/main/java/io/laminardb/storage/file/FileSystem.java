package io.laminardb.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The calls that storage makes of a file system. Any thread. Names of files are not safe before {@link
 * #forceDirectory} of the directory they are in.
 */
public interface FileSystem {
  /** The file system of this machine. */
  FileSystem DISK = new DiskFileSystem();

  /** Makes a directory and those above it that do not exist; those that do are left. */
  void createDirectories(Path directory) throws IOException;

  /** Whether there is a file or a directory. */
  boolean exists(Path path) throws IOException;

  /** Whether there is a directory. */
  boolean isDirectory(Path path) throws IOException;

  /** The names of the files and directories in a directory, in their order. */
  List<String> list(Path directory) throws IOException;

  /** The size of a file in bytes. */
  long size(Path file) throws IOException;

  /** Opens a file to read. The caller closes it. */
  StorageFile read(Path file) throws IOException;

  /** Opens a file to read and write, and makes it where there is none. The caller closes it. */
  StorageFile write(Path file) throws IOException;

  /** Gives a file another name in one step; a file that had that name is gone. */
  void rename(Path from, Path to) throws IOException;

  /** Gives a file a second name; IOException where that is taken. */
  void link(Path existing, Path name) throws IOException;

  /** Deletes a file or an empty directory; where there is none, does nothing. */
  void delete(Path path) throws IOException;

  /** Makes the names in a directory durable: what was made, renamed, linked and deleted in it. */
  void forceDirectory(Path directory) throws IOException;

  /** All bytes of a file that is known to be small. */
  default byte[] readAll(Path file) throws IOException {
    try (StorageFile open = read(file)) {
      byte[] bytes = new byte[Math.toIntExact(open.size())];
      int length = open.read(ByteBuffer.wrap(bytes), 0);
      if (length != bytes.length) {
        throw new IOException(file + " ends after " + length + " of " + bytes.length + " bytes");
      }
      return bytes;
    }
  }

  /**
   * Writes a small file so that after a crash it is there whole or not at all, or as it was before:
   * into a file beside it ({@code .tmp}), which is forced and renamed, and the directory forced. Durable
   * when this returns.
   */
  default void writeAtomically(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    delete(temporary);
    try (StorageFile open = write(temporary)) {
      open.write(ByteBuffer.wrap(bytes), 0);
      open.force();
    }
    rename(temporary, file);
    forceDirectory(file.toAbsolutePath().getParent());
  }
}
