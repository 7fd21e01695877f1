package io.laminardb.core.durable;

/**
 * Bytes by key, a part of a {@link SpillStore} that is forgotten as a whole. Keys are in the order of their
 * bytes, as unsigned numbers. Arrays stay the caller's. The reactor's thread; calls may wait for the disk.
 *
 * <p>Every failure is a {@link io.laminardb.core.error.LaminarException}, IO_ERROR or STATE_CORRUPT.
 */
public interface SpillMap extends AutoCloseable {
  /** Keeps a value by a key that has none. */
  void put(byte[] key, int keyLength, byte[] value, int valueLength);

  /** Forgets the value of a key, and returns it; null where there is none. The array is the caller's. */
  byte[] take(byte[] key, int keyLength);

  /** All values in the order of their keys. Nothing is to be put or taken until it is closed. */
  Values values();

  /** Forgets everything. */
  @Override
  void close();

  /** Values one by one. */
  interface Values extends AutoCloseable {
    /** The next one, which is the caller's; null at the end. */
    byte[] next();

    @Override
    void close();
  }
}
