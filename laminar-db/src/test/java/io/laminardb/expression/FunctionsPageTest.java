package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.Functions;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlOperator;
import org.junit.jupiter.api.Test;

/** Executes docs/sql/functions.md. */
class FunctionsPageTest {
  private record Example(String signature, String expression, String result) {}

  /** A literal that a column may stand for; what is in other groups must stay. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "TIMESTAMP '(?<timestamp>[^']*)'|DATE '(?<date>[^']*)'|'(?<text>[^']*)'"
              + "|(?<kept>INTERVAL '[^']*'|TIME '[^']*'|\"\\w+\"|[A-Za-z_]\\w*|\\d+e\\d+)"
              + "|(?<number>\\d+(\\.\\d+)?)");

  /** Where a value must be known when the query is planned. */
  private static final Set<String> CONSTANT_ONLY =
      Set.of("CURRENT_", "LOCALTIME", "NOW(", "RAND(", "UUID(");

  private static List<Example> examples() {
    List<Example> examples = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(page())) {
        String[] cells = line.replace("\\|", "\u0001").split("\\|");
        if (cells.length == 5 && cells[3].strip().startsWith("`")) {
          examples.add(new Example(code(cells[1]), code(cells[3]), code(cells[4])));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return examples;
  }

  private static Path page() {
    Path page = Path.of("docs/sql/functions.md");
    return Files.exists(page) ? page : Path.of("..").resolve(page);
  }

  private static String code(String cell) {
    String text = cell.strip().replace('\u0001', '|');
    return text.substring(1, text.length() - 1);
  }

  @Test
  void everyExampleGivesTheResultPrintedBesideIt() {
    List<String> wrong = new ArrayList<>();
    List<Example> examples = examples();
    assertThat(examples).hasSizeGreaterThan(100);
    try (Expressions sql = new Expressions()) {
      for (Example example : examples) {
        String result = printed(() -> sql.constant(example.expression()));
        if (!result.equals(example.result())) {
          wrong.add(example.expression() + " is " + result + ", not " + example.result());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyExampleGivesTheSameOverAPushedRow() {
    List<String> wrong = new ArrayList<>();
    int withColumns = 0;
    List<Example> examples = new ArrayList<>(examples());
    examples.removeIf(e -> CONSTANT_ONLY.stream().anyMatch(e.expression()::contains));
    try (Expressions sql = new Expressions()) {
      for (Example example : examples) {
        boolean found = false;
        for (int columns = 9; columns >= 0 && !found; columns--) {
          Streamed streamed = new Streamed(example.expression(), columns);
          if (streamed.values.size() < columns) {
            continue;
          }
          try {
            Object value = sql.streamed(streamed.columns(), streamed.row(), streamed.expression);
            found = true;
            withColumns += columns > 0 ? 1 : 0;
            if (!same(Expressions.print(value), example.result())) {
              wrong.add(streamed.expression + " is " + value + ", not " + example.result());
            }
          } catch (LaminarException e) {
            if (columns == 0) {
              wrong.add(streamed.expression + ": " + e.getMessage());
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(withColumns).isGreaterThan(examples.size() * 8 / 10);
  }

  @Test
  void everyFunctionAndOperatorIsOnThePage() {
    Set<String> known = new TreeSet<>();
    StringBuilder signatures = new StringBuilder();
    for (Example example : examples()) {
      signatures.append(' ').append(example.signature()).append(' ');
      Matcher word = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*").matcher(example.signature());
      while (word.find()) {
        known.add(word.group().toUpperCase(Locale.ROOT));
      }
    }
    assertThat(known).containsAll(Functions.names());
    String all = signatures.toString();
    for (SqlOperator operator : Functions.table().getOperatorList()) {
      String name = operator.getName();
      if (!Set.of("DEFAULT", "ROW", "ITEM", "DOT", "TRANSLATE3").contains(name)) {
        String[] words = name.split(" ");
        assertThat(all).contains(words);
      }
    }
  }

  private static boolean same(String actual, String expected) {
    try {
      return new BigDecimal(actual).compareTo(new BigDecimal(expected)) == 0;
    } catch (NumberFormatException e) {
      return actual.equals(expected);
    }
  }

  private static String printed(java.util.function.Supplier<Object> value) {
    try {
      return Expressions.print(value.get());
    } catch (LaminarException e) {
      return e.getMessage();
    }
  }

  /** An expression whose first literals have become columns. */
  private static final class Streamed {
    final List<String> types = new ArrayList<>();
    final List<Object> values = new ArrayList<>();
    final String expression;

    Streamed(String original, int columns) {
      Matcher literal = LITERAL.matcher(original);
      StringBuilder text = new StringBuilder();
      while (literal.find()) {
        boolean kept = literal.group("kept") != null || values.size() == columns;
        if (!kept) {
          add(literal);
        }
        String replacement = kept ? literal.group() : "c" + values.size();
        literal.appendReplacement(text, Matcher.quoteReplacement(replacement));
      }
      expression = literal.appendTail(text).toString();
    }

    private void add(Matcher literal) {
      if (literal.group("timestamp") != null) {
        types.add("TIMESTAMP(3)");
        values.add(LocalDateTime.parse(literal.group("timestamp").replace(' ', 'T')));
      } else if (literal.group("date") != null) {
        types.add("DATE");
        values.add(LocalDate.parse(literal.group("date")));
      } else if (literal.group("text") != null) {
        types.add("VARCHAR");
        values.add(literal.group("text"));
      } else {
        BigDecimal number = new BigDecimal(literal.group("number"));
        boolean whole = number.scale() == 0;
        boolean small = number.precision() < 10;
        types.add(
            !whole
                ? "DECIMAL(" + number.precision() + ", " + number.scale() + ")"
                : small ? "INTEGER" : "BIGINT");
        values.add(
            !whole ? (Object) number : small ? (Object) number.intValue() : number.longValue());
      }
    }

    String columns() {
      StringBuilder columns = new StringBuilder("c0 INTEGER");
      for (int i = 0; i < types.size(); i++) {
        columns.append(", c").append(i + 1).append(' ').append(types.get(i));
      }
      return columns.toString();
    }

    List<Object> row() {
      List<Object> row = new ArrayList<>();
      row.add(0);
      row.addAll(values);
      return row;
    }
  }
}
