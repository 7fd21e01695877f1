package io.laminardb.storage;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Path;

/** What can go wrong with a directory, in words. */
final class StorageErrors {
  private StorageErrors() {}

  static LaminarException io(String what, Path path, IOException cause) {
    return new LaminarException(
        ErrorCode.IO_ERROR,
        "cannot " + what + " \"" + path + "\": " + cause.getMessage() + ".",
        cause);
  }
}
