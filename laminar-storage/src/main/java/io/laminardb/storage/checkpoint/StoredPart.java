package io.laminardb.storage.checkpoint;

import java.nio.ByteBuffer;

/**
 * What is known of a part without reading it.
 *
 * @param size in bytes
 */
record StoredPart(Digest digest, int size) {
  static StoredPart of(String name, byte[] bytes) {
    return of(name, ByteBuffer.wrap(bytes));
  }

  /** Of what is between a position and a limit, which are not changed. */
  static StoredPart of(String name, ByteBuffer bytes) {
    return new StoredPart(Digest.of(name, bytes), bytes.remaining());
  }
}
