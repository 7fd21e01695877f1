package io.laminardb.storage.journal;

import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;

/** Copies a journal, up to a position. */
final class JournalBackup {
  private static final int CHUNK = 1 << 20;

  private JournalBackup() {}

  /** Writes the segments up to {@code durable} into {@code target}. */
  static void write(FileSystem files, List<Segment> segments, long durable, Path target)
      throws IOException {
    files.createDirectories(target);
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (i > 0 && segment.firstPosition() > durable) {
        break;
      }
      Path name = target.resolve(segment.path().getFileName());
      // Another one must follow in the copy: its last file will be written to, once it is opened.
      boolean whole = i + 1 < segments.size() && segments.get(i + 1).firstPosition() <= durable;
      if (!whole || !link(files, segment.path(), name)) {
        copy(
            files,
            segment,
            whole ? files.size(segment.path()) : endOf(files, segment, durable),
            name);
      }
    }
    DurableMark.open(files, target, durable).close();
  }

  private static boolean link(FileSystem files, Path existing, Path name) throws IOException {
    try {
      files.link(existing, name);
      return true;
    } catch (FileSystemException | UnsupportedOperationException anotherDisk) {
      return false;
    }
  }

  private static long endOf(FileSystem files, Segment segment, long durable) throws IOException {
    try (SegmentScanner scanner =
        new SegmentScanner(files.read(segment.path()), segment.firstPosition())) {
      while (scanner.position() <= durable) {
        if (scanner.look() != SegmentScanner.Found.RECORD) {
          throw new IOException(
              segment.path()
                  + " is damaged at byte "
                  + scanner.offset()
                  + ", record "
                  + scanner.position());
        }
        scanner.skip();
      }
      return scanner.offset();
    }
  }

  private static void copy(FileSystem files, Segment segment, long size, Path name)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (StorageFile from = files.read(segment.path());
        StorageFile to = files.write(name)) {
      for (long offset = 0; offset < size; offset += chunk.limit()) {
        chunk.clear().limit((int) Math.min(CHUNK, size - offset));
        from.read(chunk, offset);
        to.write(chunk.flip(), offset);
      }
      to.force();
    }
  }
}
