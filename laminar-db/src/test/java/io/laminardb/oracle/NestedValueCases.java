package io.laminardb.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Arrays, maps and rows: functions of them, UNNEST of every kind, and nested values as what is
 * grouped, joined, ordered and collected by.
 */
final class NestedValueCases {
  private static final String COLUMNS =
      "id INTEGER, k VARCHAR, a INTEGER[], b INTEGER[], s VARCHAR[], g INTEGER[][], "
          + "o STRUCT(p INTEGER, t VARCHAR), l STRUCT(p INTEGER, t VARCHAR)[], "
          + "m MAP(VARCHAR, INTEGER)";

  private final Random random;

  private NestedValueCases(Random random) {
    this.random = random;
  }

  static StreamCase generate(long seed) {
    Random random = StreamCase.random(seed);
    return new NestedValueCases(random).draw(seed);
  }

  private StreamCase draw(long seed) {
    boolean changelog = random.nextInt(3) == 0;
    String[] query = query();
    String source =
        "CREATE SOURCE t ("
            + COLUMNS.replace("MAP(VARCHAR, INTEGER)", "MAP<VARCHAR, INTEGER>")
            + ")"
            + (changelog ? " WITH (changelog = 'retract')" : "");
    List<Object[]> rows = new ArrayList<>();
    for (int id = random.nextInt(25); id > 0; id--) {
      rows.add(row(id));
    }
    return new StreamCase(
        seed,
        List.of(source, "CREATE MATERIALIZED VIEW q AS " + query[0]),
        changelog ? StreamCase.addedAndTakenBack("t", rows, random) : StreamCase.added("t", rows),
        (duckDb, changes) -> {
          duckDb.table("t", "CREATE TABLE t (" + COLUMNS + ")", StreamCase.content("t", changes));
          return duckDb.query(
              query[1].replaceAll("LIST_(CONCAT|APPEND|PREPEND|POSITION)", "NO_NULL_$1"));
        });
  }

  private Object[] row(int id) {
    return new Object[] {
      id,
      orNull(text()),
      orNull(integers()),
      orNull(integers()),
      orNull(list(this::text)),
      orNull(list(this::integers)),
      orNull(struct()),
      orNull(list(this::struct)),
      orNull(map())
    };
  }

  private Object orNull(Object value) {
    return random.nextInt(7) == 0 ? null : value;
  }

  private List<Object> list(java.util.function.Supplier<Object> element) {
    List<Object> list = new ArrayList<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      list.add(orNull(element.get()));
    }
    return list;
  }

  private List<Object> integers() {
    return list(() -> random.nextInt(5) - 1);
  }

  private String text() {
    return pick("x", "y", "", "a text of more than twelve bytes", "ü,\"'\\");
  }

  private Map<String, Object> struct() {
    Map<String, Object> struct = new LinkedHashMap<>();
    struct.put("p", orNull(random.nextInt(4)));
    struct.put("t", orNull(text()));
    return struct;
  }

  private Map<String, Object> map() {
    Map<String, Object> map = new TreeMap<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      map.put(text(), orNull(random.nextInt(4)));
    }
    return map;
  }

  /** Ours, and how DuckDB says it. */
  private String[] query() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> same("SELECT id, " + items() + " FROM t" + where());
      case 3 -> grouped();
      case 4 -> same("SELECT DISTINCT " + any(1) + " AS c FROM t" + where());
      case 5 -> joined();
      case 6 -> collected();
      default -> unnested();
    };
  }

  private static String[] same(String query) {
    return new String[] {query, query};
  }

  private String where() {
    return random.nextInt(3) == 0 ? " WHERE " + condition(1) : "";
  }

  private String items() {
    List<String> items = new ArrayList<>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      items.add(any(2) + " AS c" + n);
    }
    return String.join(", ", items);
  }

  private String[] grouped() {
    String key = pick("a", "s", "o", "g", "l", "m", array(1), texts(1));
    return same(
        "SELECT "
            + key
            + " AS c, COUNT(*) AS n, SUM(id) AS ids, "
            + pick("MIN(", "MAX(", "COUNT(DISTINCT ")
            + pick("b", "s", "o", "g", array(1))
            + ") AS v FROM t"
            + where()
            + " GROUP BY "
            + key);
  }

  private String[] joined() {
    String on =
        switch (random.nextInt(5)) {
          case 0 -> "l.a = r.b";
          case 1 -> "l.o = r.l[1]";
          case 2 -> "l.a[1] = r.b[-1]";
          case 3 -> "l.m = r.m AND l.id < r.id";
          default -> "l.s = r.s AND l.k = r.k";
        };
    return same(
        "SELECT l.id AS i, r.id AS j, r.a, l.o FROM t AS l "
            + pick("JOIN", "LEFT JOIN", "FULL JOIN")
            + " t AS r ON "
            + on);
  }

  private String[] collected() {
    String value = pick("a", "o", "k", "s", "id", array(1), integer(1));
    String direction = pick("", " DESC");
    return same(
        "SELECT k, ARRAY_AGG("
            + value
            + " ORDER BY id"
            + direction
            + ") AS c FROM t"
            + where()
            + " GROUP BY k");
  }

  private String[] unnested() {
    String where = random.nextInt(3) == 0 ? " WHERE p IS NOT NULL" : "";
    String array =
        pick("t.a", "t.b", "t.s", "t.g", "t.a", array(1).replaceAll("\\b([abgm])\\b", "t.$1"));
    return switch (random.nextInt(7)) {
      case 0 -> same("SELECT id, p FROM t, UNNEST(" + array + ") AS u(p)" + where);
      case 1 ->
          same(
              "SELECT p, COUNT(*) AS n, MAX(id) AS i FROM t CROSS JOIN UNNEST("
                  + array
                  + ") AS u(p)"
                  + where
                  + " GROUP BY p");
      case 2 ->
          new String[] {
            "SELECT id, p FROM t LEFT JOIN UNNEST(" + array + ") AS u(p) ON TRUE",
            "SELECT id, p FROM t LEFT JOIN LATERAL (SELECT UNNEST(" + array + ")) AS u(p) ON TRUE"
          };
      case 3 ->
          new String[] {
            "SELECT id, x, n FROM t, UNNEST(" + array + ") WITH ORDINALITY AS u(x, n)",
            "SELECT id, UNNEST("
                + array
                + ") AS x, generate_subscripts("
                + array
                + ", 1) AS n FROM t"
          };
      case 4 ->
          new String[] {
            "SELECT id, x, y FROM t, UNNEST(t.a, t.s) AS u(x, y)",
            "SELECT id, UNNEST(t.a) AS x, UNNEST(t.s) AS y FROM t"
          };
      case 5 -> same("SELECT id, k, UNNEST(" + array + ") AS c FROM t");
      default ->
          new String[] {
            "SELECT id, u.p, u.t FROM t, UNNEST(t.l) AS u",
            "SELECT id, u.e.p, u.e.t FROM t, UNNEST(t.l) AS u(e)"
          };
    };
  }

  private String any(int depth) {
    return switch (random.nextInt(6)) {
      case 0 -> integer(depth);
      case 1 -> array(depth);
      case 2 -> texts(depth);
      case 3 -> condition(depth);
      case 4 -> text(depth);
      default -> pick("a", "s", "g", "o", "l", "m");
    };
  }

  private String place() {
    return pick("1", "2", "-1", "-2", "5");
  }

  private String integer(int depth) {
    if (depth <= 0) {
      return pick("id", "2", "a[1]", "o.p");
    }
    return switch (random.nextInt(12)) {
      case 0 -> array(depth - 1) + "[" + place() + "]";
      case 1 -> "CAST(LEN(" + pick(array(depth - 1), texts(depth - 1)) + ") AS INTEGER)";
      case 2 ->
          "CAST(LIST_POSITION(" + array(depth - 1) + ", " + integer(depth - 1) + ") AS INTEGER)";
      case 3 -> pick("LIST_MIN(", "LIST_MAX(") + array(depth - 1) + ")";
      case 4 -> "CAST(LIST_SUM(" + array(depth - 1) + ") AS INTEGER)";
      case 5 -> "g[" + place() + "][" + place() + "]";
      case 6 -> "m['" + pick("x", "y", "z") + "']";
      case 7 -> "l[" + place() + "].p";
      case 8 -> "CAST(CARDINALITY(m) AS INTEGER)";
      case 9 -> "CAST(LIST_UNIQUE(" + array(depth - 1) + ") AS INTEGER)";
      case 10 -> pick("LIST_FIRST(", "LIST_LAST(") + array(depth - 1) + ")";
      default -> "COALESCE(" + integer(depth - 1) + ", " + integer(depth - 1) + ")";
    };
  }

  private String text(int depth) {
    return switch (random.nextInt(5)) {
      case 0 -> "k";
      case 1 -> "o.t";
      case 2 -> "l[" + place() + "].t";
      case 3 -> "COALESCE(ARRAY_TO_STRING(" + texts(depth - 1) + ", '-'), '')";
      default -> texts(depth - 1) + "[" + place() + "]";
    };
  }

  private String condition(int depth) {
    return switch (random.nextInt(9)) {
      case 0 -> "LIST_CONTAINS(" + array(depth - 1) + ", " + integer(depth - 1) + ")";
      case 1 ->
          pick("LIST_HAS_ANY(", "LIST_HAS_ALL(") + array(depth - 1) + ", " + array(depth - 1) + ")";
      case 2 -> "(" + array(depth - 1) + comparison() + array(depth - 1) + ")";
      case 3 -> "(" + pick("a", "s", "o", "l", "m", "g") + pick(" IS NULL)", " IS NOT NULL)");
      case 4 -> "(o" + comparison() + "l[1])";
      case 5 -> "(s" + comparison() + texts(depth - 1) + ")";
      case 6 -> "(a IS NOT DISTINCT FROM " + array(depth - 1) + ")";
      case 7 -> "(" + integer(depth - 1) + comparison() + integer(depth - 1) + ")";
      default -> "LIST_CONTAINS(s, " + text(depth - 1) + ")";
    };
  }

  private String array(int depth) {
    if (depth <= 0) {
      return pick("a", "b", "g[1]");
    }
    String one = array(depth - 1);
    return switch (random.nextInt(14)) {
      case 0 -> "LIST_CONCAT(" + one + ", " + array(depth - 1) + ")";
      case 1 -> "LIST_APPEND(" + one + ", " + integer(depth - 1) + ")";
      case 2 -> "LIST_PREPEND(" + integer(depth - 1) + ", " + one + ")";
      case 3 -> "LIST_SORT(" + one + ", 'ASC', 'NULLS LAST')";
      case 4 -> "LIST_SORT(" + one + ", 'DESC', '" + pick("NULLS FIRST", "NULLS LAST") + "')";
      case 5 -> "LIST_REVERSE(" + one + ")";
      case 6 -> one + "[" + pick("1:2", "2:", ":-2", "-2:-1", "3:1", "0:2") + "]";
      case 7 -> "LIST_TRANSFORM(" + one + ", lambda v: v + " + integer(0) + ")";
      case 8 -> "LIST_FILTER(" + one + ", lambda v: v > " + integer(0) + ")";
      case 9 -> "FLATTEN(g)";
      case 10 -> "LIST_RESIZE(" + one + ", " + pick("0", "2", "5") + ", 7)";
      case 11 -> "LIST_SELECT(" + one + ", [1, 3, 1])";
      case 12 -> "MAP_VALUES(m)";
      default -> "COALESCE(" + one + ", " + array(depth - 1) + ")";
    };
  }

  private String texts(int depth) {
    if (depth <= 0) {
      return "s";
    }
    String one = texts(depth - 1);
    return switch (random.nextInt(7)) {
      case 0 -> "LIST_CONCAT(" + one + ", " + texts(depth - 1) + ")";
      case 1 -> "MAP_KEYS(m)";
      case 2 -> "LIST_REVERSE(" + one + ")";
      case 3 -> "LIST_SORT(" + one + ", 'ASC', 'NULLS FIRST')";
      case 4 -> "LIST_TRANSFORM(" + one + ", lambda v: v || k)";
      case 5 -> "LIST_FILTER(" + one + ", lambda v: v <> 'x')";
      default -> one + "[" + pick("1:1", "2:", ":-2") + "]";
    };
  }

  private String comparison() {
    return " " + pick("=", "<>", "<", "<=", ">", ">=") + " ";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
