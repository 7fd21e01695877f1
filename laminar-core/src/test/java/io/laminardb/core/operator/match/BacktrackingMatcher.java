package io.laminardb.core.operator.match;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * MATCH_RECOGNIZE by the book, for comparison: tries one way to match after the other, in the order
 * of preference, and takes the first.
 */
final class BacktrackingMatcher {
  /** Steps after which a case is too hard to be tried. */
  private static final int MAX_STEPS = 100_000;

  /** Thrown when there are more ways than can be tried. */
  static final class TooHard extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A row of a partition. */
  record Row(long key, long time, Long value, long id) {}

  /** A row of a match, with its variable. */
  record Step(int place, int variable, boolean excluded) {}

  /** A condition of a variable: compares what is asked of the match so far with something else. */
  record Condition(int left, int comparison, int right, long constant) {
    boolean holds(Double leftValue, Double rightValue) {
      Double other = right < 0 ? Double.valueOf(constant) : rightValue;
      if (comparison == 3) {
        return leftValue == null;
      }
      if (leftValue == null || other == null) {
        return false;
      }
      int order = leftValue.compareTo(other);
      return comparison == 0 ? order > 0 : comparison == 1 ? order < 0 : order == 0;
    }
  }

  private final MatchSpec spec;
  private final RowPattern pattern;
  private final List<Condition> conditions;
  private final List<Row> rows;
  private final List<String> results = new ArrayList<>();
  private final List<Step> path = new ArrayList<>();
  private int end; // behind the last row a match may have
  private int begin; // the row the attempt begins with
  private int matches;
  private int steps;
  int skipErrors;

  /**
   * @param conditions of the variables, null for none
   * @param rows of one partition, in order
   */
  BacktrackingMatcher(
      MatchSpec spec, RowPattern pattern, List<Condition> conditions, List<Row> rows) {
    this.spec = spec;
    this.pattern = pattern;
    this.conditions = conditions;
    this.rows = rows;
  }

  /** What comes out, row by row. */
  List<String> run() {
    int covered = 0;
    for (int start = 0; start < rows.size(); ) {
      path.clear();
      begin = start;
      end = start;
      while (end < rows.size() && isWithin(start, end)) {
        end++;
      }
      boolean found = match(pattern, false, () -> true);
      if (found) {
        matches++;
        covered = Math.max(covered, start + path.size());
      }
      emit(start, found, covered);
      start = next(start, found);
    }
    return results;
  }

  private boolean isWithin(int start, int place) {
    return spec.span() == MatchSpec.UNBOUNDED
        || rows.get(place).time() - rows.get(start).time() < spec.span();
  }

  private int next(int start, boolean found) {
    if (!found || path.isEmpty()) {
      return start + 1;
    }
    MatchSpec.Skip skip = spec.skip();
    int target =
        switch (skip.to()) {
          case PAST_LAST -> start + path.size();
          case NEXT -> start + 1;
          case FIRST -> place(PathValue.Kind.FIRST, skip.variables(), 0, path);
          case LAST -> place(PathValue.Kind.LAST, skip.variables(), 0, path);
        };
    if (target <= start) {
      skipErrors++;
      return start + 1;
    }
    return target;
  }

  // ---- matching

  private boolean match(RowPattern part, boolean excluded, BooleanSupplier rest) {
    if (steps++ > MAX_STEPS) {
      throw new TooHard();
    }
    if (part instanceof RowPattern.Variable variable) {
      if (at() >= end) {
        return false;
      }
      path.add(new Step(at(), variable.number(), excluded));
      if (holds(variable.number()) && rest.getAsBoolean()) {
        return true;
      }
      path.remove(path.size() - 1);
      return false;
    }
    if (part instanceof RowPattern.Concatenation concatenation) {
      return sequence(concatenation.parts(), 0, excluded, rest);
    }
    if (part instanceof RowPattern.Alternation alternation) {
      return alternation.alternatives().stream().anyMatch(a -> match(a, excluded, rest));
    }
    if (part instanceof RowPattern.Exclusion exclusion) {
      return match(exclusion.part(), true, rest);
    }
    return repeat((RowPattern.Repetition) part, 0, excluded, rest);
  }

  private int at() {
    return begin + path.size();
  }

  private boolean sequence(
      List<RowPattern> parts, int index, boolean excluded, BooleanSupplier rest) {
    return index == parts.size()
        ? rest.getAsBoolean()
        : match(parts.get(index), excluded, () -> sequence(parts, index + 1, excluded, rest));
  }

  private boolean repeat(
      RowPattern.Repetition repetition, int count, boolean excluded, BooleanSupplier rest) {
    int before = path.size();
    BooleanSupplier more =
        () ->
            match(
                repetition.part(),
                excluded,
                () ->
                    count >= repetition.min() && path.size() == before
                        ? rest.getAsBoolean()
                        : repeat(repetition, count + 1, excluded, rest));
    if (count < repetition.min()) {
      return more.getAsBoolean();
    }
    boolean full = repetition.max() != RowPattern.UNBOUNDED && count >= repetition.max();
    if (repetition.reluctant()) {
      return rest.getAsBoolean() || !full && more.getAsBoolean();
    }
    return !full && more.getAsBoolean() || rest.getAsBoolean();
  }

  private boolean holds(int variable) {
    Condition condition = conditions.get(variable);
    return condition == null
        || condition.holds(
            asked(condition.left()), condition.right() < 0 ? null : asked(condition.right()));
  }

  private Double asked(int index) {
    Object value = value(spec.asked().get(index), path, path, 0, matches + 1);
    return value == null ? null : ((Number) value).doubleValue();
  }

  // ---- what is asked

  private int place(PathValue.Kind kind, long variables, int index, List<Step> of) {
    List<Step> found = of.stream().filter(s -> (variables >>> s.variable() & 1) != 0).toList();
    if (index >= found.size()) {
      return -1;
    }
    return found.get(kind == PathValue.Kind.FIRST ? index : found.size() - 1 - index).place();
  }

  private Object value(
      PathValue value, List<Step> running, List<Step> whole, int current, long number) {
    List<Step> of = value.isFinal() ? whole : running;
    List<Long> values =
        of.stream()
            .filter(s -> (value.variables() >>> s.variable() & 1) != 0)
            .map(s -> column(value.column() < 0 ? 0 : value.column(), s.place()))
            .filter(v -> v != null)
            .toList();
    Supplier<Long> sum = () -> values.stream().mapToLong(Long::longValue).sum();
    return switch (value.kind()) {
      case CURRENT -> column(value.column(), current);
      case FIRST, LAST -> {
        int place = place(value.kind(), value.variables(), value.index(), of);
        yield place < 0 ? null : column(value.column(), place + value.offset());
      }
      case COUNT -> number == 0 ? null : (Long) (long) values.size();
      case SUM -> values.isEmpty() ? null : sum.get();
      case AVG -> values.isEmpty() ? null : (double) sum.get() / values.size();
      case MIN -> values.stream().min(Long::compare).orElse(null);
      case MAX -> values.stream().max(Long::compare).orElse(null);
      case CLASSIFIER ->
          of.isEmpty() ? null : spec.variables().get(of.get(of.size() - 1).variable());
      case MATCH_NUMBER -> number == 0 ? null : number;
    };
  }

  private Long column(int column, int place) {
    if (place < 0 || place >= rows.size()) {
      return null;
    }
    Row row = rows.get(place);
    return switch (column) {
      case 0 -> (Long) row.key();
      case 1 -> (Long) row.time();
      case 2 -> row.value();
      default -> (Long) row.id();
    };
  }

  private void emit(int first, boolean found, int covered) {
    MatchSpec.Rows kind = spec.rows();
    if (!found || path.isEmpty()) {
      boolean emitted =
          found
              ? kind != MatchSpec.Rows.ALL_OMIT_EMPTY
              : kind == MatchSpec.Rows.ALL_WITH_UNMATCHED && first >= covered;
      if (emitted) {
        emit(List.of(), List.of(), first, found ? matches : 0);
      }
    } else if (kind == MatchSpec.Rows.ONE) {
      emit(path, path, first, matches);
    } else {
      for (int i = 0; i < path.size(); i++) {
        if (!path.get(i).excluded()) {
          emit(path.subList(0, i + 1), path, path.get(i).place(), matches);
        }
      }
    }
  }

  private void emit(List<Step> running, List<Step> whole, int current, long number) {
    StringBuilder text = new StringBuilder();
    for (PathValue measure : spec.measures()) {
      text.append(' ').append(value(measure, running, whole, current, number));
    }
    results.add(text.toString());
  }
}
