package io.laminardb.connector.files;

import io.laminardb.core.connector.ConnectorOptions;
import java.nio.file.Path;

/**
 * The checked options of a FILES sink.
 *
 * @param path the file
 * @param format what to write
 * @param gzip whether to compress it
 * @param mode what becomes of a file that is there
 * @param header whether a CSV file starts with column names
 * @param delimiter between CSV fields
 * @param quote around CSV fields that need it
 * @param nullText what a NULL is in CSV
 */
record SinkOptions(
    Path path,
    FileFormat format,
    boolean gzip,
    Mode mode,
    boolean header,
    char delimiter,
    char quote,
    String nullText) {

  /** The option {@code mode}. */
  enum Mode {
    /** The file is replaced, all at once, when the stream ends. */
    OVERWRITE,
    /** Rows are added to the file as they come. */
    APPEND
  }

  static SinkOptions of(ConnectorOptions options) {
    String path = options.requireString("path");
    Mode mode = options.getEnum("mode", Mode.class, Mode.OVERWRITE);
    boolean header = options.getBoolean("header", true);
    char delimiter = options.getChar("delimiter", ',');
    char quote = options.getChar("quote", '"');
    String nullText = options.getString("null_value", "");
    Compression compression = options.getEnum("compression", Compression.class, Compression.AUTO);
    options.has("format");
    options.rejectUnknown();
    FilePattern pattern = FilePattern.of(options, path);
    if (pattern.isGlob()) {
      throw options.invalid("path", "must name one file").mend("Remove *, ?, [ and {.");
    }
    FileFormat format = FileFormat.of(options, path);
    format.refuseCsvOptions(options, "header", "delimiter", "quote", "null_value");
    SourceOptions.checkDelimiters(options, delimiter, quote);
    if (nullText.indexOf(delimiter) >= 0 || nullText.indexOf(quote) >= 0) {
      throw options
          .invalid("null_value", "must hold neither the delimiter nor the quote")
          .mend("Use a word such as 'NULL'.");
    }
    return new SinkOptions(
        pattern.literal(),
        format,
        compression.isGzip(path),
        mode,
        header,
        delimiter,
        quote,
        nullText);
  }
}
