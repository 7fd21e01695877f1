package io.laminardb.core.file;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * What an interrupt does not end; it is kept for whoever asks for it afterwards. Java closes a file's channel when the thread that uses it is
 * interrupted, or was before; to a database that would be a disk that fails.
 */
public final class Uninterrupted {
  /** What may be done once more from its beginning. */
  @FunctionalInterface
  public interface Operation<T> {
    T run() throws IOException;
  }

  /** Waits for something. */
  @FunctionalInterface
  public interface Waiting {
    /**
     * Waits once.
     *
     * @return whether it is there
     */
    boolean await(long nanos) throws InterruptedException;
  }

  private Uninterrupted() {}

  /**
   * Runs an operation, once more where an interrupt has closed its channel; the thread is interrupted
   * afterwards if it was before or meanwhile.
   *
   * @throws IOException as the operation does
   */
  public static <T> T call(Operation<T> operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return operation.run();
        } catch (ClosedByInterruptException again) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits so long at most; answers whether it is there. An interrupt is kept for later. */
  public static boolean await(long nanos, Waiting waiting) {
    long start = System.nanoTime();
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return waiting.await(Math.max(0, nanos - (System.nanoTime() - start)));
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
