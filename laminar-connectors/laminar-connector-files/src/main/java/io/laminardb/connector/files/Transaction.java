package io.laminardb.connector.files;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.ByteBuffer;

/**
 * What is to be committed, as bytes and back.
 *
 * @param number of the transaction, counted over the sink's life
 * @param base length of the file before it
 * @param length bytes of its rows
 * @param shows whether the whole file is shown with it
 */
record Transaction(long number, long base, long length, boolean shows) {
  private static final byte VERSION = 1;
  private static final int BYTES = 1 + 3 * Long.BYTES + 1;

  long end() {
    return base + length;
  }

  byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .put(VERSION)
        .putLong(number)
        .putLong(base)
        .putLong(length)
        .put((byte) (shows ? 1 : 0))
        .array();
  }

  static Transaction of(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (bytes.length != BYTES || from.get() != VERSION) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT, "these bytes are no transaction of a FILES sink.")
          .mend("Open the directory with the version that wrote it.");
    }
    return new Transaction(from.getLong(), from.getLong(), from.getLong(), from.get() != 0);
  }
}
