package io.laminardb.connector.files;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The fields a splitter found, as strings. */
final class CsvFields {
  private CsvFields() {}

  static List<String> of(CsvSplitter splitter, byte[] bytes) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < splitter.count(); i++) {
      byte[] field = Arrays.copyOfRange(bytes, splitter.start(i), splitter.end(i));
      int length = splitter.isEscaped(i) ? splitter.unescape(bytes, i, field) : field.length;
      fields.add(new String(field, 0, length, StandardCharsets.UTF_8));
    }
    return fields;
  }
}
