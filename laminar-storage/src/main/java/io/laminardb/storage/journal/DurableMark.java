package io.laminardb.storage.journal;

import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A small file beside the segments that says up to where the journal was durable, so that a journal
 * that lost its end is not taken for one that never had it. It is written after each force and itself
 * forced only when a journal is opened or closed: after a loss of power it may be behind, never ahead.
 * Two places are written in turn, so one of them is always whole; one that is not counts as absent.
 */
final class DurableMark implements AutoCloseable {
  static final String NAME = "durable";

  private static final int PLACE = RecordFormat.SECTOR;
  private static final long MAGIC = 0x4b524d4a4d414cL; // LAMJMRK

  private final StorageFile file;
  private final ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private int writes;

  private DurableMark(StorageFile file) {
    this.file = file;
  }

  /** The position it says; 0 where there is none. */
  static long read(FileSystem files, Path directory) throws IOException {
    Path path = directory.resolve(NAME);
    if (!files.exists(path)) {
      return 0;
    }
    long position = 0;
    try (StorageFile file = files.read(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      for (int place = 0; place < 2; place++) {
        if (file.read(bytes.clear(), (long) place * PLACE) == bytes.capacity()
            && bytes.getLong(0) == MAGIC
            && bytes.getLong(16) == checksum(bytes, new CRC32C())) {
          position = Math.max(position, bytes.getLong(8));
        }
      }
    }
    return position;
  }

  /** Opens it to write {@code position}, which is durable when this returns, as is the file's name. */
  static DurableMark open(FileSystem files, Path directory, long position) throws IOException {
    DurableMark mark = new DurableMark(files.write(directory.resolve(NAME)));
    try {
      // One place after the other: a crash between leaves one that is whole.
      mark.write(position);
      mark.file.force();
      mark.write(position);
      mark.file.force();
      files.forceDirectory(directory);
      return mark;
    } catch (IOException | RuntimeException failed) {
      mark.close();
      throw failed;
    }
  }

  void write(long position) throws IOException {
    bytes.clear();
    bytes.putLong(MAGIC).putLong(position).putLong(0);
    bytes.putLong(16, checksum(bytes, crc));
    file.write(bytes.clear(), (long) (writes++ & 1) * PLACE);
  }

  void force() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static long checksum(ByteBuffer bytes, CRC32C crc) {
    crc.reset();
    crc.update(bytes.array(), 0, 16);
    return crc.getValue() | 0xffL << 56;
  }
}
