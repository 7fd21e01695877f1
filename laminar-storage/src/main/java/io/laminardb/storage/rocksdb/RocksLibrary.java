package io.laminardb.storage.rocksdb;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.rocksdb.Env;
import org.rocksdb.Priority;
import org.rocksdb.RocksDB;

/** RocksDB's native library, loaded once a process: that takes some tenths of a second. */
final class RocksLibrary {
  private static final FutureTask<Void> LOADING =
      new FutureTask<>(
          () -> {
            RocksDB.loadLibrary();
            yieldToEverybody();
            return null;
          });
  private static boolean begun;

  private RocksLibrary() {}

  /** Begins to load on a thread of its own, if that has not begun; does not wait. */
  static synchronized void begin() {
    if (!begun) {
      begun = true;
      Thread thread = new Thread(LOADING, "laminar-rocksdb-load");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * Compactions, for which nobody waits, leave the processor to whoever wants it: a thread that has
   * begun runs for milliseconds before it is taken off, and the engine would stand still for as long.
   * The threads are the process's, so that holds for compactions of any other RocksDB in it too.
   */
  private static void yieldToEverybody() {
    Env.getDefault().lowerThreadPoolCPUPriority(Priority.LOW);
  }

  /**
   * Returns when the library is there.
   *
   * @throws LaminarException IO_ERROR where it cannot be loaded
   */
  static void await() {
    begin();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          LOADING.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new LaminarException(
                  ErrorCode.IO_ERROR,
                  "RocksDB's native library cannot be loaded on "
                      + System.getProperty("os.name")
                      + " "
                      + System.getProperty("os.arch")
                      + ": "
                      + e.getCause().getMessage()
                      + ".",
                  e.getCause())
              .mend(
                  "It is unpacked into java.io.tmpdir, which must be writable and allow execution;"
                      + " or put it into a directory that ROCKSDB_SHAREDLIB_DIR names.");
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
