package io.laminardb.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random queries within queries: filters, DISTINCT, aggregates, ranks, frames, joins and set operations
 * over each other, each inner one either written in place or a view of its own. Columns are {@code c0,
 * c1, ..}, BIGINT or VARCHAR. What depends on an order is asked in an order of all columns, so that the
 * answer is free of choice.
 */
final class NestedQueries {
  private final Random random;
  private final Function<String, String> base;
  private final List<JoinCase.View> views = new ArrayList<>();

  /**
   * @param base what is to be read for a source
   */
  NestedQueries(Random random, Function<String, String> base) {
    this.random = random;
    this.base = base;
  }

  /** The views made on the way, in the order they are to be created. */
  List<JoinCase.View> views() {
    return views;
  }

  /**
   * A relation.
   *
   * @param types of its columns: 'n' for BIGINT, 't' for VARCHAR
   */
  private record Relation(String sql, String types) {
    List<Integer> columns(char type) {
      return IntStream.range(0, types.length())
          .filter(i -> types.charAt(i) == type)
          .boxed()
          .toList();
    }
  }

  /** A SELECT. */
  String query(int depth) {
    return relation(depth).sql;
  }

  private Relation relation(int depth) {
    if (depth == 0) {
      return source();
    }
    return switch (random.nextInt(12)) {
      case 0 -> filter(relation(depth - 1));
      case 1 -> project(relation(depth - 1));
      case 2 -> distinct(relation(depth - 1));
      case 3, 4 -> aggregate(relation(depth - 1));
      case 5 -> total(relation(depth - 1));
      case 6 -> topN(relation(depth - 1));
      case 7 -> over(relation(depth - 1));
      case 8 -> sets(relation(depth - 1), relation(random.nextInt(depth)));
      case 9 -> contained(relation(depth - 1), relation(random.nextInt(depth)));
      default -> join(relation(depth - 1), relation(random.nextInt(depth)));
    };
  }

  private Relation source() {
    String name = JoinCase.SOURCES[random.nextInt(JoinCase.SOURCES.length)];
    return new Relation(
        "SELECT CAST(k AS BIGINT) AS c0, g AS c1, CAST(v * 4 AS BIGINT) AS c2, w AS c3 FROM "
            + base.apply(name),
        "ntnn");
  }

  /** A relation for FROM. */
  private String from(Relation relation, String alias) {
    if (random.nextInt(3) > 0) {
      return "(" + relation.sql + ") AS " + alias;
    }
    String name = "v" + views.size();
    views.add(new JoinCase.View(name, relation.sql));
    return name + " AS " + alias;
  }

  private static String names(String types, String alias) {
    return IntStream.range(0, types.length())
        .mapToObj(i -> alias + "c" + i)
        .collect(Collectors.joining(", "));
  }

  private static String order(String types) {
    return IntStream.range(0, types.length())
        .mapToObj(i -> "c" + i + (i % 2 == 0 ? "" : " DESC") + " NULLS FIRST")
        .collect(Collectors.joining(", "));
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String condition(Relation relation, String alias) {
    int column = random.nextInt(relation.types.length());
    String name = alias + "c" + column;
    if (random.nextInt(5) == 0) {
      return name + pick(" IS NULL", " IS NOT NULL");
    }
    return relation.types.charAt(column) == 't'
        ? name + pick(" > 'b'", " <> 'x'", " < 'x'", " LIKE '%text%'")
        : name + pick(" < ", " <= ", " > ", " <> ", " = ") + random.nextInt(6);
  }

  private Relation filter(Relation input) {
    String where = condition(input, "");
    if (random.nextInt(2) == 0) {
      where += pick(" AND ", " OR ") + condition(input, "");
    }
    return new Relation("SELECT * FROM " + from(input, "f") + " WHERE " + where, input.types);
  }

  private Relation project(Relation input) {
    StringBuilder items = new StringBuilder();
    StringBuilder types = new StringBuilder();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int column = random.nextInt(input.types.length());
      char type = input.types.charAt(column);
      String item = "c" + column;
      if (random.nextInt(3) == 0) {
        item =
            type == 't'
                ? pick("UPPER(", "COALESCE(") + item + ")"
                : pick("ABS(", "-(", "1 + (", "COALESCE(") + item + ")";
        item = item.replaceFirst("COALESCE\\((.*)\\)", "COALESCE($1, " + constant(type) + ")");
      }
      items.append(i == 0 ? "" : ", ").append(item).append(" AS c").append(i);
      types.append(type);
    }
    return new Relation("SELECT " + items + " FROM " + from(input, "p"), types.toString());
  }

  private static String constant(char type) {
    return type == 't' ? "'none'" : "7";
  }

  private Relation distinct(Relation input) {
    return new Relation(
        "SELECT DISTINCT " + names(input.types, "") + " FROM " + from(input, "d"), input.types);
  }

  private Relation aggregate(Relation input) {
    int keys = 1 + random.nextInt(Math.min(2, input.types.length()));
    StringBuilder items = new StringBuilder();
    StringBuilder types = new StringBuilder();
    int first = random.nextInt(input.types.length());
    StringBuilder groups = new StringBuilder();
    for (int i = 0; i < keys; i++) {
      int column = (first + i) % input.types.length();
      items.append("c").append(column).append(" AS c").append(i).append(", ");
      groups.append(i == 0 ? "" : ", ").append("c").append(column);
      types.append(input.types.charAt(column));
    }
    calls(input, items, types, keys);
    String having = random.nextInt(4) == 0 ? " HAVING COUNT(*) > " + random.nextInt(3) : "";
    // The columns of the input are c0, .. too: its own names go first in GROUP BY.
    return new Relation(
        "SELECT "
            + items
            + " FROM "
            + from(input, "g")
            + " GROUP BY "
            + groups.toString().replace("c", "g.c")
            + having,
        types.toString());
  }

  private Relation total(Relation input) {
    StringBuilder items = new StringBuilder();
    StringBuilder types = new StringBuilder();
    calls(input, items, types, 0);
    return new Relation("SELECT " + items + " FROM " + from(input, "g"), types.toString());
  }

  private void calls(Relation input, StringBuilder items, StringBuilder types, int from) {
    List<Integer> numbers = input.columns('n');
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int column = random.nextInt(input.types.length());
      String call;
      char type = 'n';
      switch (random.nextInt(5)) {
        case 0 -> call = "COUNT(*)";
        case 1 -> call = "COUNT(DISTINCT g.c" + column + ")";
        case 2 -> {
          call = pick("MIN", "MAX") + "(g.c" + column + ")";
          type = input.types.charAt(column);
        }
        default ->
            call = numbers.isEmpty() ? "COUNT(g.c" + column + ")" : "SUM(g.c" + pick(numbers) + ")";
      }
      if (random.nextInt(6) == 0) {
        call += " FILTER (WHERE " + condition(input, "g.") + ")";
      }
      String cast = type == 'n' ? "CAST(" + call + " AS BIGINT)" : call;
      items.append(i == 0 ? "" : ", ").append(cast).append(" AS c").append(from + i);
      types.append(type);
    }
  }

  private String partition(Relation input) {
    return random.nextInt(3) == 0
        ? ""
        : "PARTITION BY c" + random.nextInt(input.types.length()) + " ";
  }

  private Relation topN(Relation input) {
    String ranked =
        "SELECT "
            + names(input.types, "")
            + ", ROW_NUMBER() OVER ("
            + partition(input)
            + "ORDER BY "
            + order(input.types)
            + ") AS rn FROM "
            + from(input, "o");
    return new Relation(
        "SELECT "
            + names(input.types, "")
            + " FROM ("
            + ranked
            + ") AS r WHERE rn <= "
            + (1 + random.nextInt(3)),
        input.types);
  }

  private Relation over(Relation input) {
    List<Integer> numbers = input.columns('n');
    int column = random.nextInt(input.types.length());
    char type = 'n';
    String call;
    switch (random.nextInt(4)) {
      case 0 -> call = "ROW_NUMBER()";
      case 1 -> {
        call = pick("LAG", "LEAD") + "(c" + column + ", " + (1 + random.nextInt(2)) + ")";
        type = input.types.charAt(column);
      }
      case 2 -> call = "COUNT(c" + column + ")";
      default -> call = numbers.isEmpty() ? "COUNT(*)" : "SUM(c" + pick(numbers) + ")";
    }
    boolean framed = call.startsWith("COUNT") || call.startsWith("SUM");
    String frame =
        framed ? " ROWS BETWEEN " + random.nextInt(3) + " PRECEDING AND CURRENT ROW" : "";
    String over =
        call + " OVER (" + partition(input) + "ORDER BY " + order(input.types) + frame + ")";
    return new Relation(
        "SELECT "
            + names(input.types, "")
            + ", "
            + (type == 'n' ? "CAST(" + over + " AS BIGINT)" : over)
            + " AS c"
            + input.types.length()
            + " FROM "
            + from(input, "o"),
        input.types + type);
  }

  /** Brings both to one column of a number and one of text. */
  private Relation sets(Relation left, Relation right) {
    String operation =
        pick(
            "UNION",
            "UNION ALL",
            "UNION ALL",
            "INTERSECT",
            "INTERSECT ALL",
            "EXCEPT",
            "EXCEPT ALL");
    return new Relation(narrow(left) + " " + operation + " " + narrow(right), "nt");
  }

  private String narrow(Relation input) {
    return "SELECT "
        + column(input, 'n', "CAST(0 AS BIGINT)")
        + " AS c0, "
        + column(input, 't', "'one'")
        + " AS c1 FROM "
        + from(input, "s");
  }

  private String column(Relation input, char type, String otherwise) {
    List<Integer> columns = input.columns(type);
    return columns.isEmpty() ? otherwise : "c" + pick(columns);
  }

  private Relation contained(Relation left, Relation right) {
    char type = left.types.charAt(random.nextInt(left.types.length()));
    if (right.columns(type).isEmpty()) {
      return filter(left);
    }
    int l = pick(left.columns(type));
    int r = pick(right.columns(type));
    String where =
        switch (random.nextInt(3)) {
          case 0 -> "l.c" + l + " IN (SELECT c" + r + " FROM " + from(right, "r") + ")";
          case 1 ->
              "EXISTS (SELECT 1 FROM " + from(right, "r") + " WHERE r.c" + r + " = l.c" + l + ")";
          default ->
              "NOT EXISTS (SELECT 1 FROM "
                  + from(right, "r")
                  + " WHERE r.c"
                  + r
                  + " = l.c"
                  + l
                  + ")";
        };
    return new Relation(
        "SELECT " + names(left.types, "l.") + " FROM " + from(left, "l") + " WHERE " + where,
        left.types);
  }

  private Relation join(Relation left, Relation right) {
    char type = left.types.charAt(random.nextInt(left.types.length()));
    if (right.columns(type).isEmpty()) {
      return aggregate(left);
    }
    String on = "l.c" + pick(left.columns(type)) + " = r.c" + pick(right.columns(type));
    if (random.nextInt(4) == 0) {
      on += " AND " + condition(left, "l.");
    }
    StringBuilder items = new StringBuilder();
    StringBuilder types = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      Relation side = i < 2 ? left : right;
      int column = random.nextInt(side.types.length());
      items.append(i == 0 ? "" : ", ").append(i < 2 ? "l.c" : "r.c").append(column);
      items.append(" AS c").append(i);
      types.append(side.types.charAt(column));
    }
    return new Relation(
        "SELECT "
            + items
            + " FROM "
            + from(left, "l")
            + pick(" JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ")
            + from(right, "r")
            + " ON "
            + on,
        types.toString());
  }
}
