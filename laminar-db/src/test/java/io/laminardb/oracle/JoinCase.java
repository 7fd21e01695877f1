package io.laminardb.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Two or three random tables with their changes, interleaved, and a query that brings them together:
 * a join, a subquery, a set operation. The SQL is the same for us and for DuckDB.
 *
 * @param seed repeats the case
 * @param changelogs which sources take rows back
 * @param views created before the query, which may read them and each other
 * @param query the SELECT
 * @param changes of the sources, in the order they are made
 * @param before how many of them are made before the views and the query are created
 */
record JoinCase(
    long seed,
    boolean[] changelogs,
    List<View> views,
    String query,
    List<Change> changes,
    int before) {
  static final String[] SOURCES = {"a", "b", "c"};
  static final String COLUMNS = "k INTEGER, g VARCHAR, v DECIMAL(10, 2), w BIGINT";

  /**
   * A row that comes or goes.
   *
   * @param source index of its source
   * @param id the same for a row that comes and later goes
   */
  record Change(int source, int id, Object[] row, byte weight) {}

  /** A view on the way to the query. */
  record View(String name, String query) {}

  static JoinCase generate(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    boolean[] changelogs = new boolean[SOURCES.length];
    for (int i = 0; i < changelogs.length; i++) {
      changelogs[i] = random.nextBoolean();
    }
    String query = new Queries(random).query();
    return new JoinCase(seed, changelogs, List.of(), query, changes(random, changelogs), 0);
  }

  /** Queries within queries; half of them come late, and read what views of the sources have kept. */
  static JoinCase generateNested(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    boolean[] changelogs = new boolean[SOURCES.length];
    for (int i = 0; i < changelogs.length; i++) {
      changelogs[i] = random.nextBoolean();
    }
    boolean late = random.nextBoolean();
    NestedQueries queries = new NestedQueries(random, name -> late ? "all_" + name : name);
    String query = queries.query(1 + random.nextInt(4));
    List<Change> changes = changes(random, changelogs);
    int before = late ? random.nextInt(changes.size() + 1) : 0;
    return new JoinCase(seed, changelogs, queries.views(), query, changes, before);
  }

  private static List<Change> changes(Random random, boolean[] changelogs) {
    List<Change> changes = new ArrayList<>();
    List<Change> present = new ArrayList<>();
    int count = random.nextInt(5) == 0 ? random.nextInt(4) : random.nextInt(60);
    for (int id = 0; id < count; id++) {
      int source = random.nextInt(SOURCES.length);
      Change change = new Change(source, id, row(random), (byte) 1);
      changes.add(change);
      if (changelogs[source]) {
        present.add(change);
      }
      if (!present.isEmpty() && random.nextInt(3) == 0) {
        Change gone = present.remove(random.nextInt(present.size()));
        changes.add(new Change(gone.source(), gone.id(), gone.row(), (byte) -1));
      }
    }
    return changes;
  }

  private static Object[] row(Random random) {
    String[] texts = {
      "x", "y", "a text longer than twelve bytes", "another text that is longer", ""
    };
    return new Object[] {
      random.nextInt(6) == 0 ? null : (Object) random.nextInt(5),
      random.nextInt(6) == 0 ? null : texts[random.nextInt(texts.length)],
      random.nextInt(6) == 0 ? null : BigDecimal.valueOf(25L * (random.nextInt(40) - 10), 2),
      random.nextInt(6) == 0 ? null : (Object) (long) random.nextInt(6)
    };
  }

  /** CREATE SOURCE for us. */
  String source(int index) {
    return "CREATE SOURCE "
        + SOURCES[index]
        + " ("
        + COLUMNS
        + ")"
        + (changelogs[index] ? " WITH (changelog = 'retract')" : "");
  }

  /** A view of all rows of a source. */
  static String all(String source) {
    return create(new View("all_" + source, "SELECT * FROM " + source));
  }

  /** CREATE MATERIALIZED VIEW for us. */
  static String create(View view) {
    return "CREATE MATERIALIZED VIEW " + view.name() + " AS " + view.query();
  }

  /** What is in a source in the end. */
  List<Object[]> content(int source) {
    List<Change> present = new ArrayList<>();
    for (Change change : changes) {
      if (change.source() == source) {
        if (change.weight() > 0) {
          present.add(change);
        } else {
          present.removeIf(p -> p.id() == change.id());
        }
      }
    }
    return present.stream().map(Change::row).toList();
  }

  /** The same case without some rows. */
  JoinCase without(java.util.Set<Integer> ids) {
    List<Change> fewer = new ArrayList<>();
    int fewerBefore = 0;
    for (int i = 0; i < changes.size(); i++) {
      if (!ids.contains(changes.get(i).id())) {
        fewer.add(changes.get(i));
        fewerBefore += i < before ? 1 : 0;
      }
    }
    return new JoinCase(seed, changelogs, views, query, fewer, fewerBefore);
  }

  /** The case as a script of the script runner, without what is expected. */
  String script() {
    StringBuilder text = new StringBuilder("# Seed " + seed + "\n");
    for (int i = 0; i < SOURCES.length; i++) {
      text.append("run     ").append(source(i)).append('\n');
      text.append("run     ").append(all(SOURCES[i])).append('\n');
    }
    for (int i = 0; i <= changes.size(); i++) {
      if (i == before) {
        views.forEach(view -> text.append("run     ").append(create(view)).append('\n'));
        text.append("run     ").append(create(new View("q", query))).append('\n');
      }
      if (i < changes.size()) {
        Change change = changes.get(i);
        text.append(change.weight() > 0 ? "push    " : "retract ").append(SOURCES[change.source()]);
        for (Object value : change.row()) {
          text.append(' ').append(OracleCase.token(value));
        }
        text.append('\n');
      }
    }
    return text.append("query   SELECT * FROM q => ").toString();
  }

  /** Draws a query. */
  private record Queries(Random random) {
    String query() {
      return switch (random.nextInt(10)) {
        case 0, 1, 2 -> join();
        case 3 -> threeWay();
        case 4 -> aggregateOverJoin();
        case 5 -> joinOfAggregate();
        case 6, 7 -> subquery();
        case 8 -> scalar();
        default -> sets();
      };
    }

    private String pick(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    private String type() {
      return pick("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN");
    }

    /** A condition over two tables; always with an equality, as DuckDB wants of outer joins. */
    private String on(String l, String r) {
      StringBuilder on = new StringBuilder(equality(l, r));
      if (random.nextInt(4) == 0) {
        on.append(" AND ").append(equality(l, r));
      }
      if (random.nextInt(2) == 0) {
        on.append(" AND ").append(other(l, r));
      }
      return on.toString();
    }

    private String equality(String l, String r) {
      String operator = random.nextInt(5) == 0 ? " IS NOT DISTINCT FROM " : " = ";
      return switch (random.nextInt(6)) {
        case 0, 1, 2 -> l + ".k" + operator + r + ".k";
        case 3 -> pick(l + ".g" + operator + r + ".g", l + ".v" + operator + r + ".v");
        case 4 -> r + ".k" + operator + l + ".w";
        default -> l + ".k + 1" + operator + r + ".w";
      };
    }

    private String other(String l, String r) {
      return switch (random.nextInt(5)) {
        case 0 -> l + ".v" + comparison() + r + ".v";
        case 1 -> "(" + l + ".v + " + r + ".v" + comparison() + "9 OR " + l + ".w = 3)";
        case 2 -> l + ".v" + comparison() + random.nextInt(9);
        case 3 -> r + ".v" + comparison() + random.nextInt(9);
        default -> l + ".g <> " + r + ".g";
      };
    }

    private String comparison() {
      return pick(" < ", " <= ", " > ", " >= ", " <> ");
    }

    private String where(String l, String r) {
      return switch (random.nextInt(6)) {
        case 0 -> " WHERE " + other(l, r);
        case 1 -> " WHERE " + l + ".k IS NULL";
        case 2 -> " WHERE " + r + ".v IS NULL OR " + l + ".v > 2";
        default -> "";
      };
    }

    private String join() {
      String columns = "SELECT l.k AS c0, l.g AS c1, r.v AS c2, l.v + r.v AS c3, r.w AS c4 FROM ";
      String right = random.nextInt(4) == 0 ? "a" : "b";
      return switch (random.nextInt(4)) {
        case 0 -> columns + "a l, " + right + " r WHERE " + on("l", "r");
        case 1 -> columns + "a l JOIN " + right + " r ON " + other("l", "r");
        default ->
            columns + "a l " + type() + " " + right + " r ON " + on("l", "r") + where("l", "r");
      };
    }

    private String threeWay() {
      return "SELECT l.v AS c0, r.v AS c1, m.v AS c2, m.g AS c3 FROM a l "
          + type()
          + " b r ON "
          + on("l", "r")
          + " "
          + type()
          + " "
          + pick("c", "c", "a")
          + " m ON "
          + on(pick("l", "r"), "m")
          + where("l", "m");
    }

    private String aggregateOverJoin() {
      return "SELECT "
          + pick("l.k", "r.g", "l.k + r.w")
          + " AS c0, COUNT(*) AS c1, COUNT(r.v) AS c2, SUM(l.v) AS c3, MAX(r.g) AS c4 FROM a l "
          + type()
          + " b r ON "
          + on("l", "r")
          + " GROUP BY 1"
          + pick("", "", " HAVING COUNT(*) > 1");
    }

    private String joinOfAggregate() {
      String sums = "(SELECT k, g, SUM(v) AS v, COUNT(*) AS w FROM b GROUP BY k, g)";
      String distinct = "(SELECT DISTINCT k, g, v, w FROM a)";
      return "SELECT l.k AS c0, l.v AS c1, r.g AS c2, r.v AS c3, r.w AS c4 FROM "
          + pick("a", distinct)
          + " l "
          + type()
          + " "
          + sums
          + " r ON "
          + on("l", "r");
    }

    private String subquery() {
      String filter = random.nextInt(3) == 0 ? " AND r.v" + comparison() + "3" : "";
      String correlated = random.nextInt(3) == 0 ? " AND " + other("l", "r") : "";
      String condition =
          switch (random.nextInt(6)) {
            case 0 -> "l.k IN (SELECT r.k FROM b r WHERE TRUE" + filter + ")";
            case 1 -> "l.k NOT IN (SELECT r.w FROM b r WHERE r.w IS NOT NULL" + filter + ")";
            case 2 -> "l.k NOT IN (SELECT r.k FROM b r WHERE r.v > 8" + filter + ")";
            case 3 ->
                "NOT EXISTS (SELECT 1 FROM b r WHERE " + equality("l", "r") + correlated + ")";
            case 4 -> "EXISTS (SELECT 1 FROM b r WHERE " + equality("l", "r") + correlated + ")";
            default -> "EXISTS (SELECT 1 FROM b r WHERE r.v > 5" + filter + ")";
          };
      return "SELECT l.k AS c0, l.g AS c1, l.v AS c2 FROM a l WHERE "
          + condition
          + pick("", "", " AND l.v > 0", " OR l.v > 7");
    }

    private String scalar() {
      String aggregate = pick("MAX(r.v)", "COUNT(*)", "SUM(r.w)", "COUNT(r.v)");
      String all = "(SELECT " + aggregate + " FROM b r)";
      String own = "(SELECT " + aggregate + " FROM b r WHERE r.k = l.k)";
      return switch (random.nextInt(5)) {
        case 0 -> "SELECT l.v AS c0, " + all + " AS c1 FROM a l";
        case 1 -> "SELECT l.v AS c0, " + own + " AS c1 FROM a l";
        case 2 -> "SELECT l.v AS c0 FROM a l WHERE l.v" + comparison() + all;
        case 3 -> "SELECT l.v AS c0 FROM a l WHERE l.v" + comparison() + own;
        default ->
            "SELECT l.k AS c0, COUNT(*) AS c1 FROM a l GROUP BY l.k HAVING COUNT(*)"
                + comparison()
                + "(SELECT COUNT(*) - 8 FROM b)";
      };
    }

    private String sets() {
      String columns = pick("k", "k, g", "g, v, w", "w");
      String operation =
          pick("UNION", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL");
      String sql = "SELECT " + columns + " FROM a " + operation + " SELECT " + columns + " FROM b";
      return random.nextInt(3) == 0
          ? sql + " " + pick("UNION ALL", "EXCEPT") + " SELECT " + columns + " FROM c"
          : sql;
    }
  }
}
