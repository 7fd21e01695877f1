package io.laminardb.core.durable;

/**
 * Where state goes that memory has no room for: blocks of bytes by number, and maps. It is no durability: what is
 * in it is worth nothing after {@link #close}, and is deleted. The reactor's thread; calls may wait for
 * the disk.
 *
 * <p>Every failure is a {@link io.laminardb.core.error.LaminarException}, IO_ERROR or STATE_CORRUPT.
 */
public interface SpillStore extends AutoCloseable {
  /** Keeps a block, and gives it a number that no other has. */
  long put(byte[] block);

  /** A block that is kept; the array is the caller's. */
  byte[] get(long number);

  /** Forgets a block. */
  void drop(long number);

  /** A map of its own, which is empty. It is closed before the store, or is gone with it. */
  SpillMap map();

  /** Forgets everything. Again: does nothing. */
  @Override
  void close();
}
