package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.file.UninterruptedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/** Rows on their way into a file that nobody reads yet. One thread. */
final class StagedRows implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final boolean gzip;
  private final RowFormat format;
  private final TextWriter text = new TextWriter(CHUNK_BYTES + CHUNK_BYTES / 4);
  private Path path;
  private UninterruptedFile channel; // null while no file is open
  private OutputStream stream;

  StagedRows(SinkOptions options, Schema schema) {
    this.gzip = options.gzip();
    this.format =
        options.format() == FileFormat.CSV
            ? RowFormat.csv(schema, options.delimiter(), options.quote(), options.nullText())
            : RowFormat.json(schema);
  }

  boolean isOpen() {
    return channel != null;
  }

  /** Opens a file, makes it where there is none, and goes on behind its first {@code length} bytes. */
  void open(Path newPath, long length) {
    path = newPath;
    try {
      channel =
          UninterruptedFile.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.truncate(length);
      channel.position(length);
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be written", e);
    }
  }

  void header() {
    format.appendHeader(text);
  }

  /** Ends a line that somebody else has begun. */
  void lineEnd() {
    text.appendByte('\n');
  }

  void write(Batch batch, int row) {
    format.appendRow(batch, row, text);
    if (text.length() >= CHUNK_BYTES) {
      drain();
    }
  }

  /** The bytes of a row, in an array that the next one overwrites; none of another row wait. */
  TextWriter bytesOf(Batch batch, int row) {
    text.clear();
    format.appendRow(batch, row, text);
    return text;
  }

  /** The rows of which bytes were looked at are elsewhere. */
  void forget() {
    text.clear();
  }

  void drain() {
    if (text.length() == 0) {
      return;
    }
    try {
      if (stream == null) {
        OutputStream plain = Channels.newOutputStream(channel);
        stream = gzip ? new GZIPOutputStream(plain, CHUNK_BYTES / 4) : plain;
      }
      stream.write(text.bytes(), 0, text.length());
      text.clear();
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be written", e);
    }
  }

  /** Brings all rows so far to the disk and answers the length of the file; more may follow. */
  long force() {
    drain();
    try {
      if (stream instanceof GZIPOutputStream member) {
        member.finish(); // the next rows begin another one: together they are a file of gzip, too
      }
      stream = null;
      channel.force(true);
      return channel.size();
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be forced to disk", e);
    }
  }

  /** Cuts off what is behind a length. */
  void truncate(long length) {
    text.clear();
    stream = null;
    try {
      channel.truncate(length);
      channel.position(length);
      channel.force(true);
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be cut", e);
    }
  }

  /** Closes the file as it is; rows that were not forced may be in it or not. */
  @Override
  public void close() {
    text.clear();
    stream = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw FileInput.failure(path, "cannot be closed", e);
      } finally {
        channel = null;
      }
    }
  }

  // ---- Files

  /** Bytes of a file, -1 where there is none. */
  static long size(Path path) {
    try {
      return Files.exists(path) ? Files.size(path) : -1;
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be read", e);
    }
  }

  static Path directory(Path path) {
    Path directory = path.toAbsolutePath().getParent();
    return directory == null ? path.toAbsolutePath() : directory;
  }

  static void makeDirectory(Path path) {
    try {
      Files.createDirectories(directory(path));
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be written", e);
    }
  }

  /** Makes durable which names there are in the directory of a file. */
  static void forceDirectory(Path path) {
    Path directory = directory(path);
    try {
      UninterruptedFile.forceDirectory(directory);
    } catch (IOException e) {
      if (Files.isReadable(directory) && !System.getProperty("os.name").startsWith("Windows")) {
        throw FileInput.failure(directory, "cannot be forced to disk", e);
      } // else directories cannot be opened there, and keep their names without
    }
  }

  static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw FileInput.failure(path, "cannot be removed", e);
    }
  }
}
