package io.laminardb.storage;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;

/** Closes one thing after the other, whatever fails. */
final class Closing {
  private Closing() {}

  /** Closes all that are not null; the first failure is thrown in the end, with the others. */
  static void all(AutoCloseable... all) {
    LaminarException failure = null;
    for (AutoCloseable each : all) {
      if (each != null) {
        try {
          each.close();
        } catch (Exception e) {
          LaminarException failed =
              e instanceof LaminarException known
                  ? known
                  : new LaminarException(
                      ErrorCode.IO_ERROR, "cannot be closed: " + e.getMessage() + ".", e);
          if (failure == null) {
            failure = failed;
          } else {
            failure.addSuppressed(failed);
          }
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
