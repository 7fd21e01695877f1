package io.laminardb.connector.files;

import io.laminardb.core.connector.BadRecordHandler;
import io.laminardb.core.connector.ConnectorOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The checked options of a FILES source.
 *
 * @param path file, directory or glob
 * @param format what the files hold
 * @param compression how they are compressed
 * @param follow whether to wait for more lines and files
 * @param header whether a CSV file starts with column names
 * @param delimiter between CSV fields
 * @param quote around CSV fields
 * @param nullTexts bare CSV fields that mean NULL; empty: the empty field does
 * @param timestamps how times are written
 * @param onError what a bad record does
 * @param validate whether all columns of all records are checked, also those that nobody reads
 * @param inferRows rows to look at when the schema is inferred
 */
record SourceOptions(
    FilePattern path,
    FileFormat format,
    Compression compression,
    boolean follow,
    boolean header,
    byte delimiter,
    byte quote,
    List<byte[]> nullTexts,
    TimestampText timestamps,
    BadRecordHandler.Policy onError,
    boolean validate,
    int inferRows) {

  static SourceOptions of(ConnectorOptions options) {
    String path = options.requireString("path");
    // Every known option is asked for before anything unknown is refused.
    String encoding = options.getString("encoding", "UTF-8");
    boolean follow = options.getBoolean("follow", false);
    boolean header = options.getBoolean("header", true);
    char delimiter = options.getChar("delimiter", ',');
    char quote = options.getChar("quote", '"');
    List<byte[]> nullTexts = nullTexts(options.getString("null_value", ""));
    TimestampText timestamps = TimestampText.of(options);
    Compression compression = options.getEnum("compression", Compression.class, Compression.AUTO);
    BadRecordHandler.Policy onError = BadRecordHandler.policyOf(options);
    boolean validate = options.getBoolean("validate", false);
    int inferRows = (int) options.getLong("infer_rows", 10_000, 1, 100_000_000);
    options.has("format");
    options.rejectUnknown();
    FilePattern pattern = FilePattern.of(options, path);
    FileFormat format = FileFormat.of(options, path);
    format.refuseCsvOptions(options, "header", "delimiter", "quote", "null_value");
    checkEncoding(options, encoding);
    checkDelimiters(options, delimiter, quote);
    return new SourceOptions(
        pattern,
        format,
        compression,
        follow,
        header,
        (byte) delimiter,
        (byte) quote,
        nullTexts,
        timestamps,
        onError,
        validate,
        inferRows);
  }

  static void checkDelimiters(ConnectorOptions options, char delimiter, char quote) {
    if (delimiter == '\n' || delimiter == '\r') {
      throw options.invalid("delimiter", "must not be a line break").mend("Use ',' or ';'.");
    }
    if (quote == '\n' || quote == '\r' || quote == delimiter) {
      throw options
          .invalid("quote", "must be neither the delimiter nor a line break")
          .mend("Use '\"'.");
    }
  }

  private static void checkEncoding(ConnectorOptions options, String encoding) {
    String name = encoding.toUpperCase(Locale.ROOT).replace("-", "").replace("_", "");
    if (!name.equals("UTF8") && !name.equals("ASCII") && !name.equals("USASCII")) {
      throw options
          .invalid("encoding", "must be UTF-8")
          .mend("Convert the file first: iconv -f " + encoding + " -t UTF-8.");
    }
  }

  private static List<byte[]> nullTexts(String value) {
    List<byte[]> texts = new ArrayList<>();
    if (!value.isEmpty()) {
      for (String text : value.split(",", -1)) {
        texts.add(text.getBytes(StandardCharsets.UTF_8));
      }
    }
    return texts;
  }
}
