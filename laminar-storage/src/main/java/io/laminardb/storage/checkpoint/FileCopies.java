package io.laminardb.storage.checkpoint;

import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Copies files and computes their checksums, a piece at a time. Any thread. */
public final class FileCopies {
  private static final int PIECE_BYTES = 1 << 20;

  private FileCopies() {}

  /** The CRC32C of a whole file. */
  public static int crc(FileSystem files, Path file) throws IOException {
    try (StorageFile open = files.read(file)) {
      return crc(open);
    }
  }

  /** The CRC32C of a file, after what was written to it has been made durable. */
  static int force(FileSystem files, Path file) throws IOException {
    try (StorageFile open = files.write(file)) {
      open.force();
      return crc(open);
    }
  }

  private static int crc(StorageFile open) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocateDirect((int) pieceBytes(open.size()));
    for (long offset = 0; open.read(piece.clear(), offset) > 0; offset += piece.limit()) {
      crc.update(piece.flip());
    }
    return (int) crc.getValue();
  }

  /** Copies the first bytes of a file, and forces the copy. */
  public static void copy(FileSystem files, Path from, Path to, long bytes) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect((int) pieceBytes(bytes));
    try (StorageFile source = files.read(from);
        StorageFile target = files.write(to)) {
      long offset = 0;
      while (offset < bytes) {
        piece.clear().limit((int) Math.min(piece.capacity(), bytes - offset));
        if (source.read(piece, offset) == 0) {
          throw new IOException(from + " ends after " + offset + " of " + bytes + " bytes");
        }
        int length = piece.flip().limit();
        target.write(piece, offset);
        offset += length;
      }
      target.force();
    }
  }

  /**
   * Gives a file that never changes another name, or copies it where that cannot be, as on another disk.
   *
   * @return whether it was copied
   */
  public static boolean linkOrCopy(FileSystem files, Path from, Path to) throws IOException {
    try {
      files.link(from, to);
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      copy(files, from, to, files.size(from));
      return true;
    }
  }

  /** Deletes a directory that holds files only; where there is none, does nothing. */
  public static void deleteFlat(FileSystem files, Path directory) throws IOException {
    if (files.exists(directory)) {
      for (String name : files.list(directory)) {
        files.delete(directory.resolve(name));
      }
      files.delete(directory);
    }
  }

  private static long pieceBytes(long size) {
    return Math.max(1, Math.min(PIECE_BYTES, size));
  }
}
