package io.laminardb.connector.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Reads the first rows of a source to find its columns and their types. All are nullable. */
final class SchemaInference {
  private final SourceOptions options;
  private final Map<String, InferredType> columns = new LinkedHashMap<>();

  private SchemaInference(SourceOptions options) {
    this.options = options;
  }

  static List<Field> infer(SourceOptions options) {
    return new SchemaInference(options).infer();
  }

  private List<Field> infer() {
    List<Path> files = options.path().list();
    if (files.isEmpty()) {
      throw new LaminarException(
              ErrorCode.IO_ERROR,
              "no file matches \"" + options.path() + "\", so its columns cannot be inferred.")
          .mend("Check the path, or declare the columns.");
    }
    int left = options.inferRows();
    for (Path path : files) {
      if (left > 0) {
        boolean gzip = options.compression().isGzip(path.toString());
        try (FileInput input = new FileInput(path, gzip)) {
          if (!options.follow() || gzip) {
            input.complete(); // else a last line that is half written would be looked at
          }
          left -= options.format() == FileFormat.CSV ? csv(input, left) : json(input, left);
        }
      }
    }
    List<Field> fields = new ArrayList<>();
    columns.forEach((name, type) -> fields.add(Field.of(name, type.result())));
    if (fields.isEmpty()) {
      throw new LaminarException(
              ErrorCode.BAD_RECORD,
              "\"" + options.path() + "\" holds nothing to infer columns from.")
          .mend("Declare the columns.");
    }
    return fields;
  }

  private int csv(FileInput input, int maxRows) {
    CsvSplitter splitter = new CsvSplitter(options.delimiter(), options.quote());
    List<String> names = null;
    int rows = 0;
    while (rows < maxRows) {
      int end = splitter.splitNext(input);
      if (end < 0) {
        break;
      }
      boolean header = names == null && options.header();
      if (names == null) {
        names = names(splitter, input);
      }
      if (!header && csvRow(splitter, input.bytes, names)) {
        rows++;
      }
      input.position = end;
      input.line += splitter.lines();
    }
    return rows;
  }

  private List<String> names(CsvSplitter splitter, FileInput input) {
    List<String> names = new ArrayList<>();
    List<String> header = options.header() ? CsvRows.headerNames(splitter, input.bytes) : List.of();
    TreeSet<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < splitter.count(); i++) {
      String name =
          options.header() && !header.get(i).isEmpty() ? header.get(i) : "column" + (i + 1);
      if (!taken.add(name)) {
        throw new LaminarException(
                ErrorCode.BAD_RECORD,
                "file \"" + input.path() + "\" names column \"" + name + "\" twice.")
            .mend("Rename one of them, or declare the columns.");
      }
      names.add(name);
      columns.computeIfAbsent(name, unused -> new InferredType(options.timestamps()));
    }
    return names;
  }

  private boolean csvRow(CsvSplitter splitter, byte[] bytes, List<String> names) {
    boolean emptyLine = splitter.count() == 1 && splitter.start(0) == splitter.end(0);
    if (emptyLine || splitter.problem() != null) {
      return false;
    }
    for (int i = 0; i < Math.min(names.size(), splitter.count()); i++) {
      int from = splitter.start(i);
      int to = splitter.end(i);
      if (splitter.isEscaped(i)) {
        columns.get(names.get(i)).seeText();
      } else if (!isNull(bytes, from, to) || splitter.isQuoted(i)) {
        columns.get(names.get(i)).see(bytes, from, to);
      }
    }
    return true;
  }

  private boolean isNull(byte[] bytes, int from, int to) {
    return from == to
        || options.nullTexts().stream()
            .anyMatch(text -> Arrays.equals(text, 0, text.length, bytes, from, to));
  }

  private int json(FileInput input, int maxRows) {
    JsonFactory factory = new JsonFactory();
    int rows = 0;
    for (int end; rows < maxRows && (end = input.lineEnd()) >= 0; ) {
      rows += jsonRow(factory, input.bytes, input.position, end) ? 1 : 0;
      input.position = Math.min(end + 1, input.limit);
    }
    return rows;
  }

  private boolean jsonRow(JsonFactory factory, byte[] bytes, int from, int to) {
    try (JsonParser parser = factory.createParser(bytes, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        InferredType type =
            columns.computeIfAbsent(
                parser.currentName(), unused -> new InferredType(options.timestamps()));
        JsonToken value = parser.nextToken();
        if (value.isStructStart()) {
          type.seeText();
          parser.skipChildren();
        } else if (value == JsonToken.VALUE_STRING) {
          byte[] text = parser.getText().getBytes(StandardCharsets.UTF_8);
          type.seeString(text);
        } else if (value != JsonToken.VALUE_NULL) {
          byte[] text = parser.getText().getBytes(StandardCharsets.UTF_8);
          type.see(text, 0, text.length);
        }
      }
      return true;
    } catch (IOException e) {
      return false; // reading it will say what is wrong with this line
    }
  }
}
