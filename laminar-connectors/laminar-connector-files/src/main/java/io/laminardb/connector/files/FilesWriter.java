package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.connector.SinkWriter;
import io.laminardb.core.file.UninterruptedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/**
 * Writes one file. In mode overwrite rows go to {@code <path>.part}, which takes the file's place,
 * forced to disk, when the stream is finished; in mode append they go to the file itself and can be
 * read after each flush.
 */
final class FilesWriter implements SinkWriter {
  /** Ends the name of a file that is not finished. */
  static final String STAGED = ".part";

  private static final int CHUNK_BYTES = 256 * 1024;

  private final SinkOptions options;
  private final Path target;
  private final RowFormat rows;
  private final TextWriter text = new TextWriter(CHUNK_BYTES + CHUNK_BYTES / 4);
  private UninterruptedFile channel; // null once finished or closed
  private OutputStream stream; // null where opening failed

  FilesWriter(SinkOptions options, Schema schema) {
    this.options = options;
    this.rows =
        options.format() == FileFormat.CSV
            ? RowFormat.csv(schema, options.delimiter(), options.quote(), options.nullText())
            : RowFormat.json(schema);
    boolean append = options.mode() == SinkOptions.Mode.APPEND;
    this.target =
        append
            ? options.path()
            : options.path().resolveSibling(options.path().getFileName() + STAGED);
    try {
      boolean empty = open(append);
      if (empty && options.header()) {
        rows.appendHeader(text);
      }
    } catch (IOException e) {
      close();
      throw FileInput.failure(target, "cannot be written", e);
    }
  }

  /** Opens the file; answers whether there is nothing in it yet. */
  private boolean open(boolean append) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    channel =
        UninterruptedFile.open(
            target, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (!append) {
      channel.truncate(0);
    }
    long size = channel.size();
    channel.position(size);
    stream = Channels.newOutputStream(channel);
    if (size > 0 && !options.gzip()) {
      endLastLine(size);
    }
    if (options.gzip()) {
      stream = new GZIPOutputStream(stream, CHUNK_BYTES / 4, true);
    }
    return size == 0;
  }

  /** Rows start on a line of their own, also behind a line that a crash cut off. */
  private void endLastLine(long size) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    channel.read(last, size - 1);
    if (last.get(0) != '\n') {
      stream.write('\n');
    }
  }

  @Override
  public void write(Batch batch, int from, int to) {
    for (int row = from; row < to; row++) {
      rows.appendRow(batch, row, text);
      if (text.length() >= CHUNK_BYTES) {
        drain();
      }
    }
  }

  private void drain() {
    try {
      stream.write(text.bytes(), 0, text.length());
      text.clear();
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be written", e);
    }
  }

  @Override
  public void flush() {
    drain();
    try {
      stream.flush();
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be written", e);
    }
  }

  @Override
  public void finish() {
    drain();
    try {
      if (stream instanceof GZIPOutputStream gzip) {
        gzip.finish();
      }
      channel.force(true);
      stream.close();
      channel.close();
      channel = null;
      if (options.mode() == SinkOptions.Mode.OVERWRITE) {
        Files.move(
            target,
            options.path(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be finished", e);
    }
  }

  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    try {
      if (options.mode() == SinkOptions.Mode.APPEND) {
        drain();
      }
      if (stream != null) {
        stream.close();
      }
      channel.close();
      channel = null;
      if (options.mode() == SinkOptions.Mode.OVERWRITE) {
        Files.deleteIfExists(target);
      }
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be closed", e);
    }
  }
}
