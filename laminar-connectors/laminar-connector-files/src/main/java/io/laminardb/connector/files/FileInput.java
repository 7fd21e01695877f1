package io.laminardb.connector.files;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.file.UninterruptedFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The bytes of one file, inflated, in a window {@code [position, limit)} of {@link #bytes} that
 * {@link #fill} extends. A UTF-8 byte order mark is left out. Knows where it stands in bytes and
 * lines. One thread.
 */
final class FileInput implements AutoCloseable {
  /** A record longer than this is taken for one whose quote was never closed. */
  static final int MAX_RECORD_BYTES = 256 << 20;

  private static final int CHUNK_BYTES = 256 * 1024;
  private static final byte[] EMPTY = {};
  private static final int FINGERPRINT_BYTES = 1024;

  private final Path path;
  private final boolean gzip;
  private final String identity;
  private UninterruptedFile channel;
  private InputStream stream;

  /** The window's array; replaced when a record is larger than it. */
  byte[] bytes = EMPTY;

  /** Where the next record starts. */
  int position;

  /** Behind the last byte there is. */
  int limit;

  /** The line, from 1, that the next record starts on. */
  long line = 1;

  private long bytesBeforeWindow; // offset in the inflated file of bytes[0]
  private boolean complete;
  private boolean ended;

  FileInput(Path path, boolean gzip) {
    this.path = path;
    this.gzip = gzip;
    try {
      identity = open();
    } catch (IOException e) {
      throw failure(path, "cannot be opened", e);
    }
  }

  private String open() throws IOException {
    // The name may be given to another file meanwhile: then look again.
    for (int attempt = 0; ; attempt++) {
      String before = identityOf(path);
      channel = UninterruptedFile.open(path);
      if (before.equals(identityOf(path)) || attempt == 10) {
        openStream();
        return before;
      }
      channel.close();
    }
  }

  private void openStream() throws IOException {
    stream = Channels.newInputStream(channel);
    if (gzip && channel.size() > 0) {
      try {
        stream = new GZIPInputStream(stream, CHUNK_BYTES / 4);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
  }

  Path path() {
    return path;
  }

  /** What tells this file from another of the same name; empty where the file system cannot. */
  String identity() {
    return identity;
  }

  /** Says that nothing will be added: the last record needs no line end. */
  void complete() {
    complete = true;
    ended = false; // bytes may have come since we looked
  }

  /** Whether the window holds the last byte there will ever be. */
  boolean isLast() {
    return complete && ended;
  }

  /** Where the next record starts, in bytes of the inflated file. */
  long offset() {
    return bytesBeforeWindow + position;
  }

  /** Bytes of the file itself that were read. */
  long rawPosition() {
    try {
      return channel.position();
    } catch (IOException e) {
      return bytesBeforeWindow + limit; // a pipe has no position of its own
    }
  }

  /**
   * Reads more bytes behind {@code limit}, moving the window to the front or into a larger array.
   *
   * @return whether there were any
   */
  boolean fill() {
    if (position > 0) {
      System.arraycopy(bytes, position, bytes, 0, limit - position);
      bytesBeforeWindow += position;
      limit -= position;
      position = 0;
    }
    if (limit == bytes.length) {
      if (limit >= MAX_RECORD_BYTES) {
        throw new LaminarException(
                ErrorCode.BAD_RECORD,
                "file \"" + path + "\", line " + line + ": the record is longer than 256 MiB.")
            .mend("Look for a quote that is never closed.");
      }
      bytes = Arrays.copyOf(bytes, Math.max(CHUNK_BYTES, bytes.length * 2));
    }
    try {
      int read = stream.read(bytes, limit, bytes.length - limit);
      ended = read <= 0;
      limit += Math.max(read, 0);
      skipByteOrderMark();
      return read > 0;
    } catch (EOFException e) {
      throw failure(path, "ends in the middle of its compressed data", e);
    } catch (ZipException e) {
      throw failure(path, "is damaged, or not compressed with gzip", e);
    } catch (IOException e) {
      throw failure(path, "cannot be read", e);
    }
  }

  /** Gives back the window's memory while nothing is in it and nothing comes. */
  void rest() {
    if (position == limit) {
      bytesBeforeWindow += position;
      position = 0;
      limit = 0;
      bytes = EMPTY;
    }
  }

  /** Where the line feed of the next line is, or the end of the last line; -1 if incomplete. */
  int lineEnd() {
    int searched = 0;
    while (true) {
      for (int i = position + searched; i < limit; i++) {
        if (bytes[i] == '\n') {
          return i;
        }
      }
      if (isLast()) {
        return position < limit ? limit : -1;
      }
      searched = limit - position;
      if (!fill() && !isLast()) {
        return -1;
      }
    }
  }

  private void skipByteOrderMark() {
    boolean mark =
        offset() == 0
            && limit >= 3
            && (bytes[0] & 0xff) == 0xef
            && (bytes[1] & 0xff) == 0xbb
            && (bytes[2] & 0xff) == 0xbf;
    if (mark) {
      position = 3;
    }
  }

  /** Moves to a place behind the present one. */
  void skipTo(long offset, long newLine) {
    if (!gzip) {
      try {
        channel.position(offset);
      } catch (IOException e) {
        throw failure(path, "cannot be read", e);
      }
      position = 0;
      limit = 0;
      bytesBeforeWindow = offset;
    }
    while (offset() < offset) {
      long missing = offset - offset();
      if (missing <= limit - position) {
        position += (int) missing;
      } else {
        position = limit;
        if (!fill()) {
          throw changed(path);
        }
      }
    }
    line = newLine;
  }

  /** The CRC of the first bytes, at most {@code count}, in the upper half; how many in the lower. */
  long fingerprint(int count) {
    ByteBuffer head = ByteBuffer.allocate(Math.min(count, FINGERPRINT_BYTES));
    try {
      int at = 0;
      for (int read; head.hasRemaining() && (read = channel.read(head, at)) > 0; ) {
        at += read;
      }
    } catch (IOException e) {
      throw failure(path, "cannot be read", e);
    }
    CRC32 crc = new CRC32();
    crc.update(head.array(), 0, head.position());
    return crc.getValue() << 32 | head.position();
  }

  /** Size of the open file, whatever its name is by now. */
  long size() {
    try {
      return channel.size();
    } catch (IOException e) {
      throw failure(path, "cannot be read", e);
    }
  }

  /** What tells the file of this name from another; null if there is none. */
  static String identityNow(Path path) {
    try {
      return identityOf(path);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw failure(path, "cannot be read", e);
    }
  }

  private static String identityOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key == null ? "" : key.toString();
  }

  static LaminarException changed(Path path) {
    return new LaminarException(
            ErrorCode.IO_ERROR,
            "file \""
                + path
                + "\" is not the one that was read before: it is shorter or different.")
        .mend("Put the file back, or drop the source and create it again to read it anew.");
  }

  static LaminarException failure(Path path, String what, IOException e) {
    String reason =
        e instanceof NoSuchFileException
            ? "there is no such file"
            : e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new LaminarException(
        ErrorCode.IO_ERROR, "file \"" + path + "\" " + what + ": " + reason + ".", e);
  }

  @Override
  public void close() {
    try {
      stream.close();
      channel.close();
    } catch (IOException e) {
      throw failure(path, "cannot be closed", e);
    }
  }
}
