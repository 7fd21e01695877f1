package io.laminardb.storage.journal;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Path;

/** What can go wrong with a journal, in words. */
final class JournalErrors {
  private JournalErrors() {}

  static LaminarException cannotRead(Path path, IOException cause) {
    return new LaminarException(
        ErrorCode.IO_ERROR, "the journal cannot read " + path + ": " + cause.getMessage(), cause);
  }

  static LaminarException cannotWrite(Path path, IOException cause) {
    return new LaminarException(
            ErrorCode.IO_ERROR,
            "the journal cannot write "
                + path
                + ": "
                + cause.getMessage()
                + "; nothing is taken any more",
            cause)
        .mend("See that the disk works and has room, then open the database again.");
  }

  /** @param what is wrong, as a sentence without its end */
  static LaminarException corrupt(String what, long from, long to) {
    return new LaminarException(ErrorCode.STATE_CORRUPT, what + "; " + lost(from, to))
        .mend(
            "Restore the file from a backup, or open the database with acceptLoss to go on without them.");
  }

  static String lost(long from, long to) {
    return from == to
        ? "record " + from + " of the journal is lost"
        : "records " + from + " to " + to + " of the journal are lost";
  }
}
