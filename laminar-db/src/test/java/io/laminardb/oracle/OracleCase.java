package io.laminardb.oracle;

import io.laminardb.core.batch.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random table, rows and query, in our SQL and in DuckDB's. The rows that our engine must count
 * as late are worked out here, row by row, and kept from DuckDB.
 *
 * <p>Past 600 lines: one generator draws all of a case from one stream of random numbers.
 *
 * @param seed repeats the case
 * @param source CREATE SOURCE for us
 * @param query our SELECT, for CREATE MATERIALIZED VIEW or STREAM
 * @param stream whether it is to be a STREAM (results on window close) rather than a view
 * @param table CREATE TABLE for DuckDB
 * @param oracle the SELECT for DuckDB
 * @param columns of the source
 * @param rows in arrival order; Java values as DuckDB's appender and our push take them
 * @param counted for each row, whether it is in time
 */
record OracleCase(
    long seed,
    String source,
    String query,
    boolean stream,
    String table,
    String oracle,
    List<Column> columns,
    List<Object[]> rows,
    boolean[] counted) {

  /** A column of the random table. */
  record Column(String name, DataType type, boolean nullable) {
    String sql() {
      return name + " " + type + (nullable ? "" : " NOT NULL");
    }

    boolean isInteger() {
      return switch (type.kind()) {
        case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
        default -> false;
      };
    }

    boolean isText() {
      return type.kind() == DataType.Kind.VARCHAR;
    }
  }

  /**
   * A case.
   *
   * @param rowSet which rows for the query of this seed
   */
  static OracleCase generate(long seed, int rowSet) {
    return new Generator(seed, rowSet).generate();
  }

  /** CREATE STREAM or VIEW q for us. */
  String create() {
    return (stream ? "CREATE STREAM q AS " : "CREATE MATERIALIZED VIEW q AS ") + query;
  }

  /** The case as a script of the script runner, without what is expected. */
  String script() {
    StringBuilder text = new StringBuilder("# Seed " + seed + ". DuckDB: " + oracle + "\n");
    text.append("run     ").append(source).append('\n');
    text.append("run     ").append(create()).append('\n');
    for (int i = 0; i < rows.size(); i++) {
      text.append("push    t  ");
      for (Object value : rows.get(i)) {
        text.append(' ').append(token(value));
      }
      text.append(counted[i] ? "\n" : "\n# the one before is late\n");
    }
    return text.append("end     t\nnet     q  ").toString();
  }

  static String token(Object value) {
    return value == null
        ? "NULL"
        : value instanceof String text ? "'" + text.replace("'", "''") + "'" : value.toString();
  }

  /** The same case with fewer rows, for shrinking. */
  OracleCase withRows(List<Object[]> fewer) {
    Generator generator = new Generator(seed, 0);
    OracleCase same = generator.generate();
    return new OracleCase(
        seed, source, query, stream, table, oracle, columns, fewer, generator.inTime(same, fewer));
  }

  /**
   * The same over the rows that count and with a watermark that does not move before the end, so that
   * nothing is forgotten on the way; null where nothing is.
   */
  OracleCase withAllStateKept() {
    if (!query.contains("window_start") && !query.contains("OVER")) {
      return null;
    }
    List<Object[]> inTime = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      if (counted[r]) {
        inTime.add(rows.get(r));
      }
    }
    String patient = source.replaceAll("INTERVAL '[^']*' SECOND\\)$", "INTERVAL '1000' DAY(4))");
    boolean[] all = new boolean[inTime.size()];
    java.util.Arrays.fill(all, true);
    return new OracleCase(seed, patient, query, stream, table, oracle, columns, inTime, all);
  }

  /** Draws everything from one seed. */
  private static final class Generator {
    private final long seed;
    private final int rowSet;
    private Random random;
    private final List<Column> columns = new ArrayList<>();
    private boolean timeIsBigint;
    private boolean windowed;
    private boolean over; // peers that are alike come in any order, so rows are all different
    private String windowKind = "";
    private long sizeMs;
    private long slideMs;
    private long offsetMs;
    private long delayMs;
    private long latenessMs;
    private Expressions expressions;

    Generator(long seed, int rowSet) {
      this.seed = seed;
      this.rowSet = rowSet;
      this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    OracleCase generate() {
      timeIsBigint = random.nextBoolean();
      columns.add(
          new Column(
              "ts",
              timeIsBigint ? DataType.BIGINT : DataType.timestamp(3),
              random.nextInt(4) == 0));
      columns.add(new Column("k", DataType.VARCHAR, random.nextBoolean()));
      columns.add(new Column("g", DataType.INTEGER, random.nextBoolean()));
      columns.add(new Column("i", DataType.INTEGER, random.nextBoolean()));
      columns.add(new Column("n", DataType.BIGINT, random.nextBoolean()));
      columns.add(new Column("d", DataType.DOUBLE, random.nextBoolean()));
      columns.add(new Column("s", DataType.VARCHAR, random.nextBoolean()));
      columns.add(new Column("b", DataType.BOOLEAN, random.nextBoolean()));
      columns.add(new Column("m", DataType.decimal(12, 2), random.nextBoolean()));
      columns.add(new Column("y", DataType.DATE, random.nextBoolean()));
      columns.add(new Column("z", DataType.timestampLtz(3), random.nextBoolean()));
      expressions = new Expressions(random, columns);

      int shape = random.nextInt(14);
      over = shape >= 10;
      windowed = shape >= 5 && !over;
      boolean stateless = shape < 2;
      boolean stream = (windowed || over) && random.nextBoolean();
      delayMs = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000);
      latenessMs = stream && random.nextInt(4) == 0 ? random.nextInt(10_000) : 0;
      String where = random.nextInt(3) == 0 ? " WHERE " + expressions.condition(2) : "";
      String query;
      String oracle;
      List<String> keys = List.of();
      boolean sessionRows = false;
      if (over) {
        delayMs = 20_000; // more than the disorder of rows(): nothing is late
        latenessMs = 0;
        OverQueries.Query drawn = new OverQueries(random, timeIsBigint, stream).draw(where);
        query = drawn.ours();
        oracle = drawn.duckDb();
      } else if (stateless) {
        StringBuilder items = new StringBuilder();
        int count = 1 + random.nextInt(4);
        for (int c = 0; c < count; c++) {
          items.append(c == 0 ? "" : ", ").append(expressions.any(2)).append(" AS c").append(c);
        }
        query = "SELECT " + items + " FROM t" + where;
        oracle = query;
      } else {
        keys = keys();
        if (windowed) {
          drawWindow();
        }
        sessionRows = windowKind.equals("session") && random.nextInt(3) == 0;
        boolean sets = !keys.isEmpty() && !windowKind.equals("session") && random.nextInt(4) == 0;
        String aggregates =
            aggregates() + (sets ? ", GROUPING(" + String.join(", ", keys) + ") AS gs" : "");
        List<String> groups = sets ? List.of(groupingSets(keys)) : keys;
        String having =
            random.nextInt(5) == 0
                ? " HAVING COUNT(*) " + (random.nextBoolean() ? ">" : "<=") + " 2"
                : "";
        if (windowed) {
          if (!windowKind.equals("tumble")) {
            delayMs = 20_000; // more than the disorder of rows(): nothing is late
          }
          String select = String.join(", ", append(keys, "window_start", "window_end"));
          query =
              "SELECT "
                  + select
                  + ", "
                  + aggregates
                  + " FROM t"
                  + where
                  + " GROUP BY "
                  + String.join(", ", append(groups, window()))
                  + having;
          oracle =
              "SELECT "
                  + select
                  + ", "
                  + aggregates
                  + " FROM "
                  + windowedTable(keys, where)
                  + " GROUP BY "
                  + String.join(", ", append(groups, "window_start", "window_end"))
                  + having;
        } else {
          String list = String.join(", ", keys);
          query =
              "SELECT "
                  + (keys.isEmpty() ? "" : list + ", ")
                  + aggregates
                  + " FROM t"
                  + where
                  + (keys.isEmpty() ? "" : " GROUP BY " + String.join(", ", groups))
                  + having;
          oracle = query;
        }
      }
      if (sessionRows) {
        List<String> columns = append(keys, "window_start", "window_end", "i", "s");
        String select = "SELECT " + String.join(", ", columns) + " FROM ";
        query = select + sessionTable(keys) + where;
        oracle = select + windowedTable(keys, "") + where;
        latenessMs = 0;
      }
      if (windowed && random.nextInt(3) == 0) {
        List<String> columns = append(keys, "window_start", "window_end");
        String measure = sessionRows ? "i" : "a0";
        int outer = random.nextInt(5);
        String groups = groupsOfBounds(keys);
        String operation = pick("INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL", "UNION");
        query = overWindows(query, outer, columns, measure, groups, operation);
        oracle = overWindows(oracle, outer, columns, measure, groups, operation);
      }
      oracle =
          oracle.replaceAll(
              "DISTINCT (\\w+), (\\w+)\\)",
              "DISTINCT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN row($1, $2) END)");
      if (stream && latenessMs > 0) {
        query += " WITH (allowed_lateness = INTERVAL '" + seconds(latenessMs) + "' SECOND)";
      }
      random = new Random((seed * 31 + rowSet) * 0x9E3779B97F4A7C15L);
      List<Object[]> rows = rows();
      String source =
          "CREATE SOURCE t ("
              + columnList()
              + ") WITH (watermark = 'ts', allowed_lateness = INTERVAL '"
              + seconds(delayMs)
              + "' SECOND)";
      OracleCase unfiltered =
          new OracleCase(
              seed,
              source,
              query,
              stream,
              "CREATE TABLE t (" + duckDbColumns() + ")",
              oracle,
              List.copyOf(columns),
              rows,
              new boolean[rows.size()]);
      return new OracleCase(
          seed,
          source,
          query,
          stream,
          unfiltered.table,
          oracle,
          unfiltered.columns,
          rows,
          inTime(unfiltered, rows));
    }

    private String groupsOfBounds(List<String> keys) {
      if (windowKind.equals("session")) { // those go by what they are partitioned by
        return String.join(", ", append(keys, "window_start", "window_end"));
      }
      String key = keys.isEmpty() ? "" : ", " + keys.get(random.nextInt(keys.size()));
      return pick("window_start, window_end", "window_end", "window_end, window_start" + key);
    }

    /** What goes by the bounds of the windows that {@code rows} are of. */
    private static String overWindows(
        String rows,
        int kind,
        List<String> columns,
        String measure,
        String groups,
        String operation) {
      String all = String.join(", ", columns);
      return switch (kind) {
        case 0 -> "SELECT DISTINCT " + all + " FROM (" + rows + ") AS w";
        case 1 ->
            "SELECT "
                + all
                + " FROM ("
                + rows
                + ") AS w "
                + operation
                + " SELECT "
                + all
                + " FROM ("
                + rows
                + ") AS v WHERE "
                + measure
                + " IS NOT NULL";
        case 2 ->
            "SELECT l.window_start, l.window_end, COUNT(*) AS n FROM ("
                + rows
                + ") AS l JOIN ("
                + rows
                + ") AS r ON l.window_start = r.window_start AND l.window_end = r.window_end"
                + " GROUP BY l.window_end, l.window_start";
        default ->
            "SELECT "
                + groups
                + ", COUNT(*) AS n, COUNT("
                + measure
                + ") AS n_i FROM ("
                + rows
                + ") AS w GROUP BY "
                + groups;
      };
    }

    private String columnList() {
      return String.join(", ", columns.stream().map(Column::sql).toList());
    }

    private String duckDbColumns() {
      return columnList()
          .replace("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMPTZ")
          .replace("TIMESTAMP(3)", "TIMESTAMP");
    }

    private static String seconds(long ms) {
      return ms / 1000 + "." + String.format("%03d", ms % 1000);
    }

    private static List<String> append(List<String> list, String... more) {
      List<String> all = new ArrayList<>(list);
      all.addAll(List.of(more));
      return all;
    }

    private List<String> keys() {
      List<String> keys = new ArrayList<>();
      for (String candidate : List.of("k", "g", "b", "m", "y", "z")) {
        if (random.nextInt(5) == 0) {
          keys.add(candidate);
        }
      }
      return keys;
    }

    private String groupingSets(List<String> keys) {
      String list = String.join(", ", keys);
      return switch (random.nextInt(3)) {
        case 0 -> "ROLLUP(" + list + ")";
        case 1 -> "CUBE(" + list + ")";
        default ->
            "GROUPING SETS ((" + list + "), (" + keys.get(random.nextInt(keys.size())) + "), ())";
      };
    }

    private String aggregates() {
      StringBuilder list = new StringBuilder();
      int count = 1 + random.nextInt(4);
      for (int a = 0; a < count; a++) {
        list.append(a == 0 ? "" : ", ").append(aggregate()).append(" AS a").append(a);
      }
      return list.toString();
    }

    private String aggregate() {
      String filter =
          random.nextInt(6) == 0 ? " FILTER (WHERE " + expressions.condition(1) + ")" : "";
      return switch (random.nextInt(26)) {
        case 12 -> pick("BOOL_AND(", "BOOL_OR(") + expressions.condition(1) + ")" + filter;
        case 13 -> "COALESCE(CAST(COUNT_IF(" + expressions.condition(1) + ") AS BIGINT), 0)";
        case 14 -> pick("REGR_AVGX", "REGR_AVGY") + "(i, g)" + filter;
        case 15 -> "CAST(REGR_COUNT(d, i) AS BIGINT)";
        case 16 -> pick("BIT_AND", "BIT_OR", "BIT_XOR") + "(" + pick("i", "n", "g") + ")" + filter;
        case 17 -> "MEDIAN(" + pick("i", "g", "DISTINCT i") + ")" + filter;
        case 18 ->
            "QUANTILE_DISC("
                + pick("i", "n", "d", "s", "ts", "k")
                + ", "
                + pick("0", "0.25", "0.5", "0.9", "1")
                + ")"
                + filter;
        case 19 ->
            "STRING_AGG("
                + pick(
                    "s, '|' ORDER BY i, s",
                    "s, '' ORDER BY n DESC, s",
                    "DISTINCT s, ',' ORDER BY s")
                + ")"
                + filter;
        case 21 -> "SUM(" + pick("m", "m * 3", "m + i", "DISTINCT m", "m * g") + ")" + filter;
        case 22 -> "AVG(" + pick("m", "m - 1.25", "m * 2") + ")" + filter;
        case 23 -> pick("MIN", "MAX") + "(" + pick("m", "y", "z", "m * 0.5") + ")" + filter;
        case 24 -> "COUNT(DISTINCT " + pick("m", "y", "z", "m, y", "z, k") + ")" + filter;
        case 25 ->
            "QUANTILE_DISC(" + pick("m", "y", "z") + ", " + pick("0", "0.5", "0.75") + ")" + filter;
        case 20 -> "QUANTILE_CONT(i, " + pick("0.25", "0.5", "0.75") + ")" + filter;
        case 0, 1 -> "COUNT(*)" + filter;
        case 2 -> "COUNT(" + column() + ")" + filter;
        case 3 ->
            "COUNT(DISTINCT "
                + pick("k", "g", "i", "s", "b", "k, g", "s, i", "g, b")
                + ")"
                + filter;
        case 4 -> "SUM(" + pick("i", "g", "n % 1000", "i * 2") + ")" + filter;
        case 5 -> "SUM(d)" + filter;
        case 6 -> "AVG(" + pick("i", "d", "g") + ")" + filter;
        case 7, 8 -> "MIN(" + pick("i", "n", "d", "s", "k", "ts") + ")" + filter;
        case 9, 10 -> "MAX(" + pick("i", "n", "d", "s", "k", "ts") + ")" + filter;
        default ->
            pick("STDDEV_SAMP", "VAR_POP", "VAR_SAMP", "STDDEV_POP") + "(" + pick("i", "g") + ")";
      };
    }

    private String column() {
      return columns.get(random.nextInt(columns.size())).name();
    }

    private String pick(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    private void drawWindow() {
      windowKind = pick("tumble", "tumble", "hop", "session", "cumulate");
      slideMs = 1000L * (1 + random.nextInt(10));
      sizeMs =
          switch (windowKind) {
            case "tumble", "session" -> slideMs;
            case "cumulate" -> slideMs * (1 + random.nextInt(4));
            default -> random.nextInt(4) == 0 ? slideMs + 1500 : slideMs * (1 + random.nextInt(4));
          };
      offsetMs =
          windowKind.equals("session") || random.nextInt(3) > 0 ? 0 : random.nextInt((int) slideMs);
    }

    private String window() {
      String size = "INTERVAL '" + seconds(sizeMs) + "' SECOND";
      String slide = "INTERVAL '" + seconds(slideMs) + "' SECOND";
      String offset = offsetMs == 0 ? "" : ", INTERVAL '" + seconds(offsetMs) + "' SECOND";
      return switch (windowKind) {
        case "tumble" -> "tumble(ts, " + size + offset + ")";
        case "session" -> "session(ts, " + size + ")";
        default -> windowKind + "(ts, " + size + ", " + slide + offset + ")";
      };
    }

    private String sessionTable(List<String> keys) {
      return "TABLE(SESSION(TABLE t"
          + (keys.isEmpty() ? "" : " PARTITION BY (" + String.join(", ", keys) + ")")
          + ", DESCRIPTOR(ts), INTERVAL '"
          + seconds(sizeMs)
          + "' SECOND))";
    }

    /** A DuckDB table expression with a row per row and window it belongs to. */
    private String windowedTable(List<String> keys, String where) {
      String ms = timeIsBigint ? "ts" : "epoch_ms(ts)";
      String back = timeIsBigint ? "%s" : "epoch_ms(%s)";
      String base = "(SELECT *, CAST(" + ms + " AS BIGINT) AS ms FROM t" + where + ")";
      String notNull = " WHERE ms IS NOT NULL";
      String start =
          "CAST(floor((ms - "
              + offsetMs
              + ") / "
              + slideMs
              + ".0) * "
              + slideMs
              + " + "
              + offsetMs
              + " AS BIGINT)";
      return switch (windowKind) {
        case "tumble" ->
            "(SELECT *, "
                + back.formatted("w")
                + " AS window_start, "
                + back.formatted("w + " + sizeMs)
                + " AS window_end FROM (SELECT *, "
                + start
                + " AS w FROM "
                + base
                + notNull
                + "))";
        case "hop" ->
            "(SELECT *, "
                + back.formatted("w")
                + " AS window_start, "
                + back.formatted("w + " + sizeMs)
                + " AS window_end FROM (SELECT *, unnest(range("
                + start
                + ", ms - "
                + sizeMs
                + ", -"
                + slideMs
                + ")) AS w FROM "
                + base
                + notNull
                + "))";
        case "cumulate" -> {
          String first =
              "CAST(floor((ms - "
                  + offsetMs
                  + ") / "
                  + sizeMs
                  + ".0) * "
                  + sizeMs
                  + " + "
                  + offsetMs
                  + " AS BIGINT)";
          yield "(SELECT *, "
              + back.formatted("w")
              + " AS window_start, "
              + back.formatted("e")
              + " AS window_end FROM (SELECT *, unnest(range(w + CAST(floor((ms - w) / "
              + slideMs
              + ".0) * "
              + slideMs
              + " AS BIGINT) + "
              + slideMs
              + ", w + "
              + sizeMs
              + " + 1, "
              + slideMs
              + ")) AS e FROM (SELECT *, "
              + first
              + " AS w FROM "
              + base
              + notNull
              + ")))";
        }
        default -> {
          String partition = keys.isEmpty() ? "" : "PARTITION BY " + String.join(", ", keys) + " ";
          String islands =
              "(SELECT *, SUM(fresh) OVER ("
                  + partition
                  + "ORDER BY ms RANGE UNBOUNDED PRECEDING) AS island FROM (SELECT *, "
                  + "CASE WHEN ms - LAG(ms) OVER ("
                  + partition
                  + "ORDER BY ms) <= "
                  + sizeMs
                  + " THEN 0 ELSE 1 END AS fresh FROM "
                  + base
                  + notNull
                  + "))";
          String overIsland =
              " OVER (PARTITION BY "
                  + (keys.isEmpty() ? "" : String.join(", ", keys) + ", ")
                  + "island)";
          yield "(SELECT *, "
              + back.formatted("MIN(ms)" + overIsland)
              + " AS window_start, "
              + back.formatted("MAX(ms)" + overIsland + " + " + sizeMs)
              + " AS window_end FROM "
              + islands
              + ")";
        }
      };
    }

    private List<Object[]> rows() {
      int count = random.nextInt(5) == 0 ? random.nextInt(4) : random.nextInt(80);
      List<Object[]> rows = new ArrayList<>();
      long clock = random.nextInt(4) == 0 ? -30_000 : 1_700_000_000_000L;
      boolean disorder = random.nextBoolean();
      for (int r = 0; r < count; r++) {
        clock += random.nextInt(3) == 0 ? 0 : random.nextInt(3_000);
        long ts = disorder ? clock - random.nextInt(15_000) : clock;
        Object[] row = new Object[columns.size()];
        for (int c = 0; c < row.length; c++) {
          Column column = columns.get(c);
          row[c] = column.nullable() && random.nextInt(6) == 0 ? null : value(column, ts);
        }
        rows.add(row);
        if (random.nextInt(8) == 0 && !over) {
          rows.add(row.clone());
        }
      }
      return rows;
    }

    private Object value(Column column, long ts) {
      return switch (column.name()) {
        case "ts" ->
            timeIsBigint
                ? (Object) ts
                : java.time.LocalDateTime.ofEpochSecond(
                    Math.floorDiv(ts, 1000L),
                    (int) Math.floorMod(ts, 1000L) * 1_000_000,
                    java.time.ZoneOffset.UTC);
        case "k" -> pick("a", "b", "c", "a longer key than twelve bytes", "ünïcode", "");
        case "g" -> random.nextInt(4);
        case "i" -> random.nextInt(200) - 100;
        case "n" ->
            switch (random.nextInt(12)) {
              case 0 -> Long.MAX_VALUE;
              case 1 -> Long.MIN_VALUE;
              default -> (long) random.nextInt(1000);
            };
        case "m" -> decimal();
        case "y" -> LocalDate.of(2024, 2, 25).plusDays(random.nextInt(10));
        case "z" -> Instant.ofEpochMilli(1_709_000_000_000L + 250L * random.nextInt(40));
        case "d" -> (random.nextInt(2000) - 1000) * 0.25;
        case "s" -> pick("x", "Hello World", "foo_bar", "100%", "  pad ", "ÄÖÜ", "", "zz");
        default -> random.nextBoolean();
      };
    }

    private BigDecimal decimal() {
      return switch (random.nextInt(12)) {
        case 0 -> new BigDecimal("9999999999.99");
        case 1 -> new BigDecimal("-9999999999.99");
        case 2 -> new BigDecimal("0.00");
        default -> BigDecimal.valueOf(random.nextInt(1000) - 500L, 2);
      };
    }

    /** Which rows are in time, judged row by row against the watermark before each. */
    boolean[] inTime(OracleCase drawn, List<Object[]> rows) {
      boolean[] counted = new boolean[rows.size()];
      long watermark = Long.MIN_VALUE;
      for (int r = 0; r < rows.size(); r++) {
        Object time = rows.get(r)[0];
        if (time == null) {
          counted[r] = true; // no window takes it, here or there
          continue;
        }
        long ts =
            time instanceof Long ms
                ? ms
                : ((java.time.LocalDateTime) time)
                    .toInstant(java.time.ZoneOffset.UTC)
                    .toEpochMilli();
        counted[r] = !windowed || !late(ts, watermark);
        watermark = Math.max(watermark, ts - delayMs);
      }
      return counted;
    }

    private boolean late(long ts, long watermark) {
      if (watermark == Long.MIN_VALUE) {
        return false;
      }
      return windowKind.equals("tumble")
          && Math.floorDiv(ts - offsetMs, sizeMs) * sizeMs + offsetMs + sizeMs + latenessMs
              <= watermark;
    }
  }
}
