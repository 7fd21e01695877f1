package io.laminardb.internal.durable;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;

/** Versions of what is written: another one is refused by name, never misread. */
final class Formats {
  private Formats() {}

  /**
   * A reader behind the version.
   *
   * @throws LaminarException STATE_CORRUPT for another version
   */
  static StateReader reader(byte[] bytes, int format, String what) {
    StateReader reader = new StateReader(bytes);
    if (reader.hasSection()) {
      reader.section();
    }
    int written = reader.getInt();
    if (written != format) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              what
                  + " was written in format "
                  + written
                  + ", and this version reads "
                  + format
                  + ".")
          .mend("Open the directory with the version that wrote it.");
    }
    return reader;
  }
}
