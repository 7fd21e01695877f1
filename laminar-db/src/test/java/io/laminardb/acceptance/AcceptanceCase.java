package io.laminardb.acceptance;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.TestAccess;
import io.laminardb.core.batch.Schema;
import io.laminardb.script.Content;
import io.laminardb.script.Feeder;
import io.laminardb.script.Followed;
import io.laminardb.script.Lives;
import io.laminardb.script.Mode;
import io.laminardb.script.Values;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * A case of another engine's own suite, replayed through the public API: its query becomes a
 * materialized view, whose content is compared at every check and at the end.
 *
 * @param id unique
 * @param folder where its files are
 * @param json the case
 * @param query in our dialect, one of the spellings the case has
 */
record AcceptanceCase(String id, Path folder, Map<String, Object> json, String query) {

  static List<AcceptanceCase> readAll(Path folder) {
    List<AcceptanceCase> cases = new ArrayList<>();
    for (String origin :
        List.of("arroyo", "duckdb_asof", "feldera_asof", "flink", "nexmark", "risingwave")) {
      for (Object each : list(Json.read(folder.resolve(origin).resolve("cases.json")))) {
        Map<String, Object> json = map(each);
        String id = (String) json.get("id");
        cases.add(new AcceptanceCase(id, folder, json, (String) json.get("query")));
        for (String form : List.of("tvf", "asof", "named_window")) {
          if (json.get("query_" + form) instanceof String other) {
            cases.add(new AcceptanceCase(id + "#" + form, folder, json, other));
          }
        }
      }
    }
    return cases;
  }

  void run(Mode mode, long seed) {
    try (BufferAllocator allocator = new RootAllocator()) {
      try (Lives lives = new Lives(mode, seed, builder -> {})) {
        Feeder feeder =
            new Feeder(
                mode,
                new Random(seed),
                allocator,
                () -> {
                  if (mode.rebuild()) {
                    lives.db().sync();
                    TestAccess.rebuildState(lives.db());
                  }
                });
        LaminarDB db = lives.db();
        for (Object statement : list(json.get("ddl"))) {
          db.execute(withChangelog((String) statement));
        }
        boolean waits = Boolean.TRUE.equals(json.get("waits_for_watermark"));
        String emit =
            waits && !query.toUpperCase(java.util.Locale.ROOT).contains(" EMIT ")
                ? " EMIT ON WINDOW CLOSE"
                : "";
        db.execute("CREATE MATERIALIZED VIEW result AS " + withDistinctNames(query) + emit);
        Followed result = mode.crash() ? Followed.durable(db, "result", "reader") : null;
        for (Object step : list(json.get("steps"))) {
          if (lives.isDue()) {
            result.beforeCrash(lives.random());
            lives.crash();
            result.afterCrash(lives.db());
          }
          step(lives.db(), feeder, map(step));
        }
        compare(lives.db(), "at the end", expected());
        if (result != null) {
          compare(lives.db(), result);
        }
      }
    }
  }

  private static final Pattern SELECT_LIST =
      Pattern.compile(
          "(?i)(SELECT\\s+)([\\w.]+(?:\\s*,\\s*[\\w.]+)*)(\\s+FROM\\s.*)", Pattern.DOTALL);

  /** Columns compare by position: plain columns of one name get others. */
  private static String withDistinctNames(String query) {
    Matcher select = SELECT_LIST.matcher(query);
    if (!select.matches()) {
      return query;
    }
    Set<String> names = new HashSet<>();
    List<String> items = new ArrayList<>();
    for (String item : select.group(2).split(",")) {
      String name = item.strip().substring(item.strip().lastIndexOf('.') + 1);
      items.add(names.add(name) ? item.strip() : item.strip() + " AS " + name + "_" + items.size());
    }
    return select.group(1) + String.join(", ", items) + select.group(3);
  }

  /** A stream whose rows are also deleted is a changelog source. */
  private String withChangelog(String ddl) {
    for (Map.Entry<String, Object> stream : map(json.get("streams")).entrySet()) {
      if (ddl.startsWith("CREATE SOURCE " + stream.getKey() + " ")
          && "table".equals(map(stream.getValue()).get("kind"))) {
        int with = ddl.indexOf(" WITH (");
        return with < 0
            ? ddl + " WITH (changelog = 'retract')"
            : ddl.substring(0, with + 7) + "changelog = 'retract', " + ddl.substring(with + 7);
      }
    }
    return ddl;
  }

  private void step(LaminarDB db, Feeder feeder, Map<String, Object> step) {
    Map.Entry<String, Object> only = step.entrySet().iterator().next();
    switch (only.getKey()) {
      case "insert" -> feed(db, feeder, map(only.getValue()), (byte) 1);
      case "delete" -> feed(db, feeder, map(only.getValue()), (byte) -1);
      case "insert_file" -> {
        Map<String, Object> file = map(only.getValue());
        Source source = db.source((String) file.get("stream"));
        List<Object[]> rows = new ArrayList<>();
        for (Object row : Json.readLines(folder.resolve((String) file.get("path")))) {
          rows.add(row(list(row), source.schema()));
        }
        feeder.push(source, rows);
      }
      case "change_file" -> {
        Map<String, Object> file = map(only.getValue());
        Source source = db.source((String) file.get("stream"));
        List<Object> changes = Json.readLines(folder.resolve((String) file.get("path")));
        List<Object[]> rows = new ArrayList<>();
        byte[] weights = new byte[changes.size()];
        for (Object change : changes) {
          weights[rows.size()] = (byte) (list(change).get(0).equals("+") ? 1 : -1);
          rows.add(row(list(list(change).get(1)), source.schema()));
        }
        feeder.feed(source, rows, weights);
      }
      case "expect" -> compare(db, "at a check", rows(list(map(only.getValue()).get("rows"))));
      case "end" -> {
        for (String stream : map(json.get("streams")).keySet()) {
          db.source(stream).end();
        }
      }
      default -> throw new AssertionError("there is no step " + only.getKey());
    }
    db.sync();
  }

  private void feed(LaminarDB db, Feeder feeder, Map<String, Object> step, byte weight) {
    Source source = db.source((String) step.get("stream"));
    List<Object[]> rows = new ArrayList<>();
    for (Object row : list(step.get("rows"))) {
      rows.add(row(list(row), source.schema()));
    }
    byte[] weights = new byte[rows.size()];
    Arrays.fill(weights, weight);
    feeder.feed(source, rows, weights);
  }

  private static Object[] row(List<Object> values, Schema schema) {
    Object[] row = new Object[values.size()];
    for (int c = 0; c < row.length; c++) {
      Object value = values.get(c);
      row[c] = value == null ? null : Values.parse("'" + text(value), schema.field(c).type());
    }
    return row;
  }

  private static String text(Object value) {
    return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
  }

  private List<List<Object>> expected() {
    return json.get("expected_file") instanceof String file
        ? rows(Json.readLines(folder.resolve(file)))
        : rows(list(json.get("expected")));
  }

  private static List<List<Object>> rows(List<Object> json) {
    List<List<Object>> rows = new ArrayList<>();
    json.forEach(row -> rows.add(list(row)));
    return rows;
  }

  private void compare(LaminarDB db, String when, List<List<Object>> expected) {
    db.sync();
    List<Object[]> surplus = new ArrayList<>();
    List<List<Object>> missing = new ArrayList<>(expected);
    try (Rows result = db.query("SELECT * FROM result")) {
      for (Row row : result.drain()) {
        Object[] values = Content.values(row);
        if (!takeOut(missing, values)) {
          surplus.add(values);
        }
      }
    }
    if (json.get("extra_allowed") != null) {
      List<List<Object>> allowed = rows(list(json.get("extra_allowed")));
      surplus.removeIf(values -> takeOut(allowed, values));
    }
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new AssertionError(
          id
              + " "
              + when
              + "\nmissing "
              + missing.stream().limit(20).toList()
              + "\nunexpected "
              + surplus.stream().limit(20).map(Arrays::toString).toList());
    }
  }

  /** What came over crashes adds up to what is there. */
  private void compare(LaminarDB db, Followed result) {
    result.take();
    try (Rows rows = db.query("SELECT * FROM result")) {
      String difference = Content.difference(Content.of(rows.drain()), Content.net(result.all));
      if (difference != null) {
        throw new AssertionError(id + ": what came is not what is there\n" + difference);
      }
    }
  }

  private static boolean takeOut(List<List<Object>> expected, Object[] actual) {
    for (int i = 0; i < expected.size(); i++) {
      if (same(expected.get(i), actual)) {
        expected.remove(i);
        return true;
      }
    }
    return false;
  }

  private static boolean same(List<Object> expected, Object[] actual) {
    if (expected.size() != actual.length) {
      return false;
    }
    for (int c = 0; c < actual.length; c++) {
      if (!same(expected.get(c), actual[c])) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(Object expected, Object actual) {
    if (expected == null || actual == null) {
      return expected == actual;
    }
    try {
      if (actual instanceof Boolean truth && expected instanceof BigDecimal number) {
        return truth == (number.signum() != 0);
      }
      if (actual instanceof Number number) {
        double value = Double.parseDouble(text(expected));
        return Values.same(value, number.doubleValue());
      }
      if (actual instanceof LocalDateTime time) {
        return time.equals(Values.parseTimestamp(expected.toString()));
      }
      if (actual instanceof LocalDate date) {
        return date.equals(LocalDate.parse(expected.toString().substring(0, 10)));
      }
    } catch (NumberFormatException | java.time.DateTimeException e) {
      return false;
    }
    return squeeze(expected.toString()).equals(squeeze(actual.toString()));
  }

  private static String squeeze(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object json) {
    return (Map<String, Object>) json;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object json) {
    return (List<Object>) json;
  }
}
