package io.laminardb.storage.checkpoint;

/**
 * What is known of a part without reading it.
 *
 * @param size in bytes
 */
record StoredPart(Digest digest, int size) {
  static StoredPart of(String name, byte[] bytes) {
    return new StoredPart(Digest.of(name, bytes), bytes.length);
  }
}
