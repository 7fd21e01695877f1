package io.laminardb.storage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * Keeps named bytes in files, so that a later checkpoint shares with an earlier one what has not changed.
 * One thread at a time. Failures are {@link io.laminardb.core.error.LaminarException}s: IO_ERROR, or
 * STATE_CORRUPT where what is read is not what was written.
 */
public interface PartStore extends AutoCloseable {
  /** Keeps a copy of a value: what is between its position and its limit, which are not changed. */
  void put(String name, ByteBuffer value);

  void remove(String name);

  /**
   * Reads what was put last by a name that was not removed since.
   *
   * @param target gets it, from its position on, and not more than up to its limit; neither is changed
   * @return its length, or -1 where there is none
   */
  int get(String name, ByteBuffer target);

  /**
   * Writes all that was put so far to files in {@code directory}, which is made. They are on disk when
   * this returns, unless {@link Kind#isShared} says that they are not shared: those, and the directory,
   * are the caller's to force.
   */
  void save(Path directory);

  /** Bytes it holds off the heap, as it counts them itself; 0 where it holds none. */
  long nativeBytes();

  /** Ends writing. What was saved stays. Again: does nothing. */
  @Override
  void close();

  /** What a saved directory holds. One thread at a time. */
  interface Saved extends AutoCloseable {
    /** The value, or null. */
    byte[] get(String name);

    /** Gives what begins with {@code prefix} in the order of the names' bytes. */
    void each(String prefix, BiConsumer<String, byte[]> action);

    @Override
    void close();
  }

  /** How parts are kept. Any thread. */
  interface Kind {
    /** Begins what can be begun before {@link #await} is called; does not wait. */
    void prepare();

    /** Waits until {@link #read} and {@link #open} can be called; fails where they never can. */
    void await();

    /** Reads a saved directory without changing it. */
    Saved read(Path directory);

    /**
     * Opens a store to write to.
     *
     * @param directory where it works; what was there is removed
     * @param saved the directory whose content it has at first, or null for nothing
     */
    PartStore open(Path directory, Path saved);

    /**
     * Whether a file of a saved directory never changes and may have the same content, under the same
     * name, in the directory that was saved before.
     */
    boolean isShared(String file);
  }
}
