package io.laminardb.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** An open file. Any thread; reading goes on beside writing and forcing. */
public interface StorageFile extends AutoCloseable {
  /** The name under which it was opened. */
  Path path();

  /** Its size in bytes. */
  long size() throws IOException;

  /**
   * Reads until {@code to} is full or the file ends.
   *
   * @return how many bytes were read; 0 behind the end
   */
  int read(ByteBuffer to, long offset) throws IOException;

  /**
   * Writes all of {@code from}; the file grows where that is needed. Not durable before {@link #force}.
   *
   * @throws IOException when not all could be written; any part of it may have been
   */
  void write(ByteBuffer from, long offset) throws IOException;

  /** Cuts what is behind {@code size}, or adds zeros up to it. Not durable before {@link #force}. */
  void truncate(long size) throws IOException;

  /**
   * Makes what was written, and the size, durable.
   *
   * @throws IOException when that failed: what was written since the force before may be lost, even if
   *     a later call succeeds
   */
  void force() throws IOException;

  /** Lets it go, without making anything durable. Again: does nothing. */
  @Override
  void close() throws IOException;
}
