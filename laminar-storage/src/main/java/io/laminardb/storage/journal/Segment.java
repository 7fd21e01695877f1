package io.laminardb.storage.journal;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A file of the journal: a header of {@value #HEADER} bytes, then records. The header is durable before
 * the first record is written, and so is the file's name.
 *
 * @param path named for {@code firstPosition}
 * @param firstPosition of the first record in it
 * @param previous the first position of the segment before; 0 for the first of all, -1 where unknown
 * @param begunAt when it was begun: all records of the segment before are older
 * @param durable the position up to which all was durable when it was begun
 */
record Segment(Path path, long firstPosition, long previous, Instant begunAt, long durable) {
  /** One sector, so that no write of a record touches it. */
  static final int HEADER = RecordFormat.SECTOR;

  private static final long MAGIC = 0x4c414e524a4d414cL; // LAMJRNAL

  /** Of the files and of the records in them: 2 has narrow numbers. */
  private static final int VERSION = 2;

  private static final int CHECKED = 48;
  private static final String SUFFIX = ".journal";

  static String nameOf(long firstPosition) {
    return String.format(Locale.ROOT, "%019d%s", firstPosition, SUFFIX);
  }

  static boolean isName(String name) {
    return name.matches("\\d{19}\\.journal");
  }

  static long firstPositionOf(String name) {
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  /** What is known of a file without its header; its records have checks of their own. How old it is,
   * is not known: it counts as old, so that it does not keep those before it. */
  static Segment headless(Path path) {
    return new Segment(path, firstPositionOf(path.getFileName().toString()), -1, Instant.EPOCH, 0);
  }

  /** Makes a file with a header; both are durable when this returns. The caller closes the file. */
  StorageFile create(FileSystem files) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putLong(VERSION).putLong(firstPosition).putLong(previous);
    header.putLong(begunAt.toEpochMilli()).putLong(durable);
    header.putLong(crc(header.array()) | 0xffL << 56);
    StorageFile file = files.write(path);
    try {
      file.truncate(0);
      file.write(header.clear(), 0);
      file.force();
      files.forceDirectory(path.getParent());
      return file;
    } catch (IOException | RuntimeException failed) {
      try {
        file.close();
      } catch (IOException alsoFailed) {
        failed.addSuppressed(alsoFailed);
      }
      throw failed;
    }
  }

  /** What a file's header says. */
  sealed interface Header permits Found, Unfinished, Damaged {}

  /** It is as it should be. */
  record Found(Segment segment) implements Header {}

  /** It was being made when the process ended, and holds nothing. */
  record Unfinished() implements Header {}

  /** It is not what was written. */
  record Damaged() implements Header {}

  /**
   * Reads the header of a file.
   *
   * @throws LaminarException STATE_CORRUPT where it belongs to another version, or to another name
   */
  static Header read(StorageFile file) throws IOException {
    Path path = file.path();
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    int read = file.read(header, 0);
    byte[] bytes = header.array();
    if (file.size() <= HEADER && (read < HEADER || header.getLong(CHECKED) >>> 56 == 0)) {
      return new Unfinished();
    }
    if (header.getLong(0) != MAGIC || (crc(bytes) | 0xffL << 56) != header.getLong(CHECKED)) {
      return new Damaged();
    }
    if (header.getLong(8) != VERSION) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              path
                  + " has format "
                  + header.getLong(8)
                  + " of the journal, and this version reads "
                  + VERSION)
          .mend("Open the database with the version that wrote it.");
    }
    if (header.getLong(16) != firstPositionOf(path.getFileName().toString())) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              path
                  + " holds the records from "
                  + header.getLong(16)
                  + " on, which is not what its name says")
          .mend("Give it back the name " + nameOf(header.getLong(16)) + ".");
    }
    return new Found(
        new Segment(
            path,
            header.getLong(16),
            header.getLong(24),
            Instant.ofEpochMilli(header.getLong(32)),
            header.getLong(40)));
  }

  private static long crc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, CHECKED);
    return crc.getValue();
  }
}
