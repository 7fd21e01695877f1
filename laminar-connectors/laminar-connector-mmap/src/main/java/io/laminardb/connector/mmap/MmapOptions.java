package io.laminardb.connector.mmap;

import io.laminardb.core.connector.ConnectorOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What stands behind {@code storage = 'mmap'}.
 *
 * @param path of the file
 * @param writes whether it is opened to be changed, too
 * @param rows for how many the file is made; about twice as many find room
 * @param rowBytes of a row on average
 */
record MmapOptions(Path path, boolean writes, long rows, long rowBytes) {
  private enum Access {
    WRITE,
    READ
  }

  static MmapOptions of(ConnectorOptions options, boolean isRead) {
    Path path;
    try {
      path = Path.of(options.requireString("path")).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw options.invalid("path", "which is no path: " + e.getReason());
    }
    Access access = options.getEnum("access", Access.class, Access.WRITE);
    MmapOptions made =
        new MmapOptions(
            path,
            access == Access.WRITE && !isRead,
            options.getLong("rows", 1_000_000, 1, 1L << 36),
            options.getLong("row_bytes", 128, 8, 1 << 20));
    options.rejectUnknown();
    return made;
  }
}
