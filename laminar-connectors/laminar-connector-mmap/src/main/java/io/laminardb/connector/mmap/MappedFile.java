package io.laminardb.connector.mmap;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.file.Uninterrupted;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * A file of keys and values, which one process at a time writes. Beside it lies a file whose lock the
 * writer holds, and which has a byte as long as it does: where that is left without the lock, the writer
 * has ended in the middle of something, and the next one repairs the file.
 */
final class MappedFile implements AutoCloseable {
  private static final int KEY_BYTES = 24; // on average, which only the size of the file depends on
  private static final double MAX_BLOAT = 2;

  static {
    // Before the first of its classes is loaded.
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
  }

  private final ChronicleMap<byte[], byte[]> map;
  private final FileChannel writing; // holds the lock; null for a reader

  private MappedFile(ChronicleMap<byte[], byte[]> map, FileChannel writing) {
    this.map = map;
    this.writing = writing;
  }

  /**
   * Opens it; a writer makes it where there is none.
   *
   * @throws LaminarException NOT_SUPPORTED where this JVM cannot; OBJECT_IN_USE where another one writes;
   *     STATE_CORRUPT where its writer has not ended it; IO_ERROR
   */
  static MappedFile open(MmapOptions options) {
    JvmFlags.check();
    try {
      return Uninterrupted.call(() -> openNow(options));
    } catch (IOException | RuntimeException e) {
      throw e instanceof LaminarException own
          ? own
          : new LaminarException(
              ErrorCode.IO_ERROR,
              "\"" + options.path() + "\" cannot be opened: " + e.getMessage() + ".",
              e);
    }
  }

  private static MappedFile openNow(MmapOptions options) throws IOException {
    Path path = options.path();
    Path lock = path.resolveSibling(path.getFileName() + ".writer");
    FileChannel writing = null;
    boolean opened = false;
    try {
      if (options.writes()) {
        writing = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!tryLock(writing)) {
          throw new LaminarException(
                  ErrorCode.OBJECT_IN_USE,
                  "\"" + path + "\" is written by another process or table.")
              .mend("Open it WITH (access = 'read').");
        }
      } else {
        requireWhole(path, lock);
      }
      boolean repair = writing != null && writing.size() > 0 && Files.exists(path);
      if (writing != null && writing.size() == 0) {
        writing.write(ByteBuffer.wrap(new byte[] {1}));
        writing.force(true);
      }
      MappedFile file = new MappedFile(map(options, path.toFile(), repair), writing);
      opened = true;
      return file;
    } finally {
      if (!opened) {
        close(writing);
      }
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // a table of this process has it
    }
  }

  private static void requireWhole(Path path, Path lock) throws IOException {
    if (!Files.exists(path)) {
      throw new LaminarException(ErrorCode.IO_ERROR, "there is no file \"" + path + "\".")
          .mend("A table WITH (access = 'write') makes it.");
    }
    if (!Files.exists(lock) || Files.size(lock) == 0) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      if (tryLock(channel)) {
        throw new LaminarException(
                ErrorCode.STATE_CORRUPT,
                "\""
                    + path
                    + "\" was being written when its writer ended, and may be locked for ever.")
            .mend("Open it once WITH (access = 'write'), which repairs it, while nobody reads it.");
      }
    }
  }

  private static ChronicleMap<byte[], byte[]> map(MmapOptions options, File file, boolean repair)
      throws IOException {
    ChronicleMapBuilder<byte[], byte[]> builder =
        ChronicleMapBuilder.of(byte[].class, byte[].class)
            .name("laminar")
            .entries(options.rows())
            .averageKeySize(KEY_BYTES)
            .averageValueSize(options.rowBytes())
            .maxBloatFactor(MAX_BLOAT);
    return repair ? builder.recoverPersistedTo(file, false) : builder.createPersistedTo(file);
  }

  ChronicleMap<byte[], byte[]> map() {
    return map;
  }

  @Override
  public void close() {
    map.close();
    if (writing != null) {
      try {
        Uninterrupted.call(() -> writing.truncate(0));
      } catch (IOException e) {
        // The next writer looks the file through, which does no harm.
      }
      close(writing);
    }
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Its lock goes with the process.
    }
  }
}
