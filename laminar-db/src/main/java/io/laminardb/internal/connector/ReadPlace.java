package io.laminardb.internal.connector;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.ByteBuffer;

/**
 * Where rows that a pump has passed on can be read again, as it is kept with them.
 *
 * @param skipped rows behind the reader's offset that are none of them
 * @param rows how many there are
 * @param fingerprint of them, see {@link RowsFingerprint}; 0 where they are not read again
 * @param offset of the reader
 */
record ReadPlace(int skipped, int rows, long fingerprint, byte[] offset) {
  private static final byte VERSION = 1;
  private static final int HEADER = 17;

  byte[] encode() {
    return ByteBuffer.allocate(HEADER + offset.length)
        .put(VERSION)
        .putInt(skipped)
        .putInt(rows)
        .putLong(fingerprint)
        .put(offset)
        .array();
  }

  /** Errors: STATE_CORRUPT where these are no such bytes. */
  static ReadPlace decode(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER || from.get() != VERSION) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT, "this is no place of a source that this version knows.")
          .mend("Open the directory with the version that wrote it.");
    }
    int skipped = from.getInt();
    int rows = from.getInt();
    long fingerprint = from.getLong();
    byte[] offset = new byte[from.remaining()];
    from.get(offset);
    return new ReadPlace(skipped, rows, fingerprint, offset);
  }
}
