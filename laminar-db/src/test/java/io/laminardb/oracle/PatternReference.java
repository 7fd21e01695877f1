package io.laminardb.oracle;

import io.laminardb.script.Content.Weighted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * MATCH_RECOGNIZE as the standard tells it: from each row on, one way after the other is tried, the
 * preferred ones first, until one matches. Takes exponential time; for few rows.
 *
 * @param conditions by variable
 * @param withinMs the last row comes less than this after the first
 * @param toNext whether the next match is looked for from the row behind the first one
 */
record PatternReference(
    Pattern pattern, Condition[] conditions, long withinMs, boolean toNext, boolean partitioned) {
  static final int MANY = 1000;

  /** Places of a row's columns. */
  private static final int ID = 0;

  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int TIME = 3;

  private static String name(int variable) {
    return String.valueOf((char) ('A' + variable));
  }

  /** A pattern over the variables A, B and C. */
  sealed interface Pattern {
    String sql();

    /** A row of a variable. */
    record One(int variable) implements Pattern {
      @Override
      public String sql() {
        return name(variable);
      }
    }

    /** One behind the other. */
    record InTurn(List<Pattern> parts) implements Pattern {
      @Override
      public String sql() {
        return parts.stream().map(Pattern::sql).collect(Collectors.joining(" ", "(", ")"));
      }
    }

    /** The first that leads to a match. */
    record Either(List<Pattern> parts) implements Pattern {
      @Override
      public String sql() {
        return parts.stream().map(Pattern::sql).collect(Collectors.joining(" | ", "(", ")"));
      }
    }

    /** Again and again. */
    record Times(Pattern part, int least, int most, boolean greedy) implements Pattern {
      @Override
      public String sql() {
        String bounds = least == most ? "{" + least + "}" : "{" + least + "," + end() + "}";
        return "(" + part.sql() + ")" + bounds + (greedy ? "" : "?");
      }

      private String end() {
        return most == MANY ? "" : Integer.toString(most);
      }
    }
  }

  /** What is asked of a row; NULL is no. */
  enum Test {
    ANY,
    ABOVE,
    BELOW,
    UP,
    DOWN,
    ABOVE_LAST,
    SUM_BELOW,
    COUNT_BELOW,
    NEXT_ABOVE,
    ABOVE_FIRST
  }

  /**
   * A condition on the row that is looked at.
   *
   * @param other a variable it may speak of
   */
  record Condition(Test test, int other, int constant) {
    String sql() {
      String variable = name(other);
      return switch (test) {
        case ANY -> "";
        case ABOVE -> "v > " + constant;
        case BELOW -> "v < " + constant;
        case UP -> "v > PREV(v)";
        case DOWN -> "v < PREV(v, 1)";
        case ABOVE_LAST -> "v > LAST(" + variable + ".v)";
        case SUM_BELOW -> "SUM(" + variable + ".v) < " + 2 * constant;
        case COUNT_BELOW -> "COUNT(" + variable + ".v) < " + constant;
        case NEXT_ABOVE -> "NEXT(v) > v";
        case ABOVE_FIRST -> "v > FIRST(" + variable + ".v) OR FIRST(" + variable + ".v) IS NULL";
      };
    }

    /**
     * @param at the row, which is the last of {@code taken}
     */
    boolean holds(List<Object[]> rows, int at, List<int[]> taken) {
      Integer value = (Integer) rows.get(at)[VALUE];
      List<Integer> values = new ArrayList<>(); // of the other variable's rows
      for (int[] one : taken) {
        if (one[1] == other) {
          values.add((Integer) rows.get(one[0])[VALUE]);
        }
      }
      Integer first = values.isEmpty() ? null : values.get(0);
      Integer last = values.isEmpty() ? null : values.get(values.size() - 1);
      List<Integer> present = values.stream().filter(v -> v != null).toList();
      int sum = present.stream().mapToInt(v -> v).sum();
      return switch (test) {
        case ANY -> true;
        case ABOVE -> above(value, constant);
        case BELOW -> above(constant, value);
        case UP -> at > 0 && above(value, (Integer) rows.get(at - 1)[VALUE]);
        case DOWN -> at > 0 && above((Integer) rows.get(at - 1)[VALUE], value);
        case ABOVE_LAST -> above(value, last);
        case SUM_BELOW -> !present.isEmpty() && sum < 2 * constant;
        case COUNT_BELOW -> present.size() < constant;
        case NEXT_ABOVE -> at + 1 < rows.size() && above((Integer) rows.get(at + 1)[VALUE], value);
        case ABOVE_FIRST -> first == null || above(value, first);
      };
    }

    private static boolean above(Integer a, Integer b) {
      return a != null && b != null && a > b;
    }
  }

  /** Adds the measures of all matches. */
  void matches(List<Object[]> rows, List<Weighted> answer) {
    Map<Object, List<Object[]>> partitions = new LinkedHashMap<>();
    for (Object[] row : rows) {
      Object key = partitioned ? row[KEY] : "";
      partitions.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
    }
    partitions.forEach(
        (key, partition) -> {
          partition.sort(
              Comparator.comparing((Object[] row) -> (Long) row[TIME])
                  .thenComparing(row -> (Integer) row[ID]));
          matches(key, partition, answer);
        });
  }

  private void matches(Object key, List<Object[]> rows, List<Weighted> answer) {
    long number = 0;
    for (int start = 0; start < rows.size(); ) {
      List<int[]> taken = new ArrayList<>();
      int[] end = {-1};
      boolean found =
          match(
              pattern,
              rows,
              start,
              start,
              taken,
              at -> {
                end[0] = at;
                return true;
              });
      if (!found) {
        start++;
        continue;
      }
      answer.add(new Weighted(measures(key, rows, taken, ++number), 1));
      start = toNext || taken.isEmpty() ? start + 1 : end[0];
    }
  }

  /** Whether the pattern matches from a row on, and what follows it from there. */
  private boolean match(
      Pattern part,
      List<Object[]> rows,
      int start,
      int at,
      List<int[]> taken,
      Predicate<Integer> next) {
    if (part instanceof Pattern.One one) {
      return take(one.variable(), rows, start, at, taken, next);
    }
    if (part instanceof Pattern.InTurn turn) {
      return inTurn(turn.parts(), rows, start, at, taken, next);
    }
    if (part instanceof Pattern.Either either) {
      for (Pattern way : either.parts()) {
        if (match(way, rows, start, at, taken, next)) {
          return true;
        }
      }
      return false;
    }
    return repeat((Pattern.Times) part, 0, rows, start, at, taken, next);
  }

  private boolean take(
      int variable,
      List<Object[]> rows,
      int start,
      int at,
      List<int[]> taken,
      Predicate<Integer> next) {
    if (at == rows.size() || (Long) rows.get(at)[TIME] - (Long) rows.get(start)[TIME] >= withinMs) {
      return false;
    }
    taken.add(new int[] {at, variable});
    if (conditions[variable].holds(rows, at, taken) && next.test(at + 1)) {
      return true;
    }
    taken.remove(taken.size() - 1);
    return false;
  }

  private boolean inTurn(
      List<Pattern> parts,
      List<Object[]> rows,
      int start,
      int at,
      List<int[]> taken,
      Predicate<Integer> next) {
    if (parts.isEmpty()) {
      return next.test(at);
    }
    List<Pattern> rest = parts.subList(1, parts.size());
    return match(
        parts.get(0), rows, start, at, taken, to -> inTurn(rest, rows, start, to, taken, next));
  }

  private boolean repeat(
      Pattern.Times times,
      int done,
      List<Object[]> rows,
      int start,
      int at,
      List<int[]> taken,
      Predicate<Integer> next) {
    if (done >= times.least() && !times.greedy() && next.test(at)) {
      return true;
    }
    if (done < times.most()) {
      // An iteration that takes no row ends the repetition.
      Predicate<Integer> again =
          to -> to == at ? next.test(to) : repeat(times, done + 1, rows, start, to, taken, next);
      if (match(times.part(), rows, start, at, taken, again)) {
        return true;
      }
    }
    return done >= times.least() && times.greedy() && next.test(at);
  }

  private Object[] measures(Object key, List<Object[]> rows, List<int[]> taken, long number) {
    List<int[]> a = taken.stream().filter(one -> one[1] == 0).toList();
    List<int[]> b = taken.stream().filter(one -> one[1] == 1).toList();
    long values = a.stream().filter(one -> rows.get(one[0])[VALUE] != null).count();
    Long sum = null;
    for (int[] one : b) {
      Integer value = (Integer) rows.get(one[0])[VALUE];
      sum = value == null ? sum : (Long) ((sum == null ? 0 : sum) + value);
    }
    int count = taken.size();
    List<Object> measures = new ArrayList<>();
    if (partitioned) {
      measures.add(key);
    }
    measures.add(count == 0 ? null : rows.get(taken.get(0)[0])[ID]);
    measures.add(count == 0 ? null : rows.get(taken.get(count - 1)[0])[ID]);
    measures.add((long) count);
    measures.add(values);
    measures.add(sum);
    measures.add(b.isEmpty() ? null : rows.get(b.get(0)[0])[ID]);
    measures.add(a.size() < 2 ? null : rows.get(a.get(a.size() - 2)[0])[ID]);
    measures.add(count == 0 ? null : name(taken.get(count - 1)[1]));
    measures.add(number);
    return measures.toArray();
  }
}
