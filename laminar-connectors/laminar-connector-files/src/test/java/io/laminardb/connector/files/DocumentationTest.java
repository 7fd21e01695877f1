package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.PrintConnector;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/connectors/files.md prints is accepted, and its examples give the rows it shows. */
class DocumentationTest extends FilesFixture {
  private static final Path PAGE = Path.of("../../docs/connectors/files.md");
  private static final Pattern BLOCK = Pattern.compile("(?s)```(\\w+)\n(.*?)```");
  private static final Pattern CONNECTOR =
      Pattern.compile("(\\([^;]*?\\)\\s*)?(FROM|INTO) (FILES|PRINT) \\(((?:'[^']*'|[^';)])*)\\)");
  private static final Pattern OPTION = Pattern.compile("(\\w+) = '([^']*)'");
  private static final Pattern COLUMN = Pattern.compile("(\\w+) ([A-Z]+)(?:\\((\\d+)\\))?[,)]");
  private static final Pattern TABLE_ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

  private final String page = read();

  private static String read() {
    try {
      return Files.readString(PAGE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  private static ConnectorOptions options(String connector, String list, Path directory) {
    Map<String, String> values = new LinkedHashMap<>();
    for (MatchResult option : all(OPTION, list)) {
      boolean inDirectory = directory != null && option.group(1).equals("path");
      values.put(
          option.group(1),
          inDirectory ? directory.resolve(option.group(2)).toString() : option.group(2));
    }
    return ConnectorOptions.of(connector, values);
  }

  @Test
  void everyPrintedStatementHasOptionsThatAreAccepted() {
    int statements = 0;
    for (MatchResult block : all(BLOCK, page)) {
      if (block.group(1).equals("sql")) {
        for (MatchResult use : all(CONNECTOR, block.group(2))) {
          statements++;
          ConnectorOptions options = options(use.group(3), use.group(4), null);
          if (use.group(3).equals("PRINT")) {
            new PrintConnector().sink(options);
          } else if (use.group(2).equals("FROM")) {
            FILES.source(options);
          } else {
            FILES.sink(options);
          }
        }
      }
    }
    assertThat(statements).isEqualTo(10);
  }

  @Test
  void theTablesNameEveryOptionThereIs() {
    int sinks = page.indexOf("## A file as a sink");
    assertThat(optionsInTable(page.substring(0, sinks)))
        .containsExactlyInAnyOrderElementsOf(known(true));
    assertThat(optionsInTable(page.substring(sinks)))
        .containsExactlyInAnyOrderElementsOf(known(false));
  }

  private static List<String> optionsInTable(String text) {
    return all(TABLE_ROW, text).stream().map(row -> row.group(1)).toList();
  }

  /** The options that the error for an unknown one lists. */
  private static List<String> known(boolean source) {
    ConnectorOptions options =
        ConnectorOptions.of("FILES", Map.of("path", "a.csv", "qqqqqqqq", "x"));
    try {
      Object unused = source ? FILES.source(options) : FILES.sink(options);
      throw new AssertionError(unused);
    } catch (LaminarException e) {
      String list = e.mend().replace("The options are ", "").replace(".", "");
      return List.of(list.split(", "));
    }
  }

  @Test
  void examplesGiveTheRowsShown() {
    List<MatchResult> blocks = all(BLOCK, page);
    int shown = 0;
    for (int i = 0; i < blocks.size(); i++) {
      String kind = blocks.get(i).group(1);
      if (kind.equals("csv") || kind.equals("json")) {
        file(kind.equals("csv") ? "trades.csv" : "trades.jsonl", blocks.get(i).group(2));
      } else if (kind.equals("text")) {
        MatchResult use = all(CONNECTOR, blocks.get(i - 1).group(2)).get(0);
        SourceConnector source = FILES.source(options("FILES", use.group(4), directory));
        Schema schema =
            use.group(1) == null
                ? new Schema(source.inferSchema().orElseThrow(), false)
                : columns(use.group(1));
        assertThat(table(source, schema)).isEqualTo(blocks.get(i).group(2));
        shown++;
      }
    }
    assertThat(shown).isEqualTo(3);
  }

  private static Schema columns(String list) {
    List<Field> fields = new ArrayList<>();
    for (MatchResult column : all(COLUMN, list)) {
      DataType type =
          switch (column.group(2)) {
            case "VARCHAR" -> DataType.VARCHAR;
            case "DOUBLE" -> DataType.DOUBLE;
            case "BIGINT" -> DataType.BIGINT;
            case "TIMESTAMP" -> DataType.timestamp(Integer.parseInt(column.group(3)));
            default -> throw new AssertionError(column.group());
          };
      fields.add(Field.of(column.group(1), type));
    }
    return new Schema(fields, false);
  }

  private String table(SourceConnector source, Schema schema) {
    TextWriter text = new TextWriter();
    RowFormat format = RowFormat.aligned(schema);
    format.appendHeader(text);
    try (SourceReader reader = source.open(schema);
        Batch batch = new Batch(schema, 10, allocator)) {
      reader.read(batch);
      for (int row = 0; row < batch.rowCount(); row++) {
        format.appendRow(batch, row, text);
      }
    }
    return text.toString().lines().map(String::stripTrailing).reduce("", (a, b) -> a + b + "\n");
  }
}
