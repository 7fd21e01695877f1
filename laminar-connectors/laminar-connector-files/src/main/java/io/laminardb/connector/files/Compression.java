package io.laminardb.connector.files;

/** The option {@code compression}. */
enum Compression {
  /** Gzip where a file's name ends in .gz. */
  AUTO,
  NONE,
  GZIP;

  boolean isGzip(String fileName) {
    return this == GZIP || (this == AUTO && FileFormat.isGzip(fileName));
  }
}
