package io.laminardb.connector.files;

import io.laminardb.core.connector.ConnectorOptions;
import java.util.Locale;

/** What stands in a file. */
enum FileFormat {
  /** Comma-separated values of RFC 4180. */
  CSV,
  /** One JSON object a line. */
  JSON;

  /** The option {@code format}, or else what the extension of {@code path} says. */
  static FileFormat of(ConnectorOptions options, String path) {
    FileFormat byName = byExtension(path);
    FileFormat format = options.getEnum("format", FileFormat.class, byName);
    if (format == null) {
      throw options
          .invalid("path", "and its extension does not tell the format")
          .mend("Add format = 'csv' or format = 'json'.");
    }
    return format;
  }

  /** Checks that an option which only CSV has is not given for JSON. */
  void refuseCsvOptions(ConnectorOptions options, String... keys) {
    for (String key : keys) {
      if (this != CSV && options.has(key)) {
        throw options
            .invalid(key, "but the format is json, which has no " + key)
            .mend("Remove it, or set format = 'csv'.");
      }
    }
  }

  static boolean isGzip(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  private static FileFormat byExtension(String path) {
    String name = path.toLowerCase(Locale.ROOT);
    if (isGzip(name)) {
      name = name.substring(0, name.length() - 3);
    }
    if (name.endsWith(".csv")) {
      return CSV;
    }
    boolean json = name.endsWith(".json") || name.endsWith(".jsonl") || name.endsWith(".ndjson");
    return json ? JSON : null;
  }
}
