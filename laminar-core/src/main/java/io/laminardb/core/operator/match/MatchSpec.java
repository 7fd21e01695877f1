package io.laminardb.core.operator.match;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.sort.SortOperator;
import java.util.List;
import java.util.function.Supplier;

/**
 * What to look for, and what to say of it. Immutable.
 *
 * @param input the rows that come in
 * @param partition their columns that make up the partition
 * @param keys how a partition is ordered: by time first, ascending; ties by arrival
 * @param variables their names
 * @param asked what the conditions ask for, a column of {@code conditionInput} each
 * @param conditions of the variables, or null where none has one
 * @param span rows of a match are less than this far from its first, in units of the time column;
 *     {@link #UNBOUNDED} for any
 * @param measures what comes out, a column of {@code output} each
 */
public record MatchSpec(
    Schema input,
    List<Integer> partition,
    List<SortOperator.Key> keys,
    List<String> variables,
    PatternAutomaton automaton,
    List<PathValue> asked,
    Schema conditionInput,
    Conditions conditions,
    long span,
    Rows rows,
    Skip skip,
    List<PathValue> measures,
    Schema output) {
  /** No limit of the time between rows of a match. */
  public static final long UNBOUNDED = Long.MAX_VALUE;

  /** Variables there may be: a bit each. */
  public static final int MAX_VARIABLES = 63;

  /**
   * The conditions of variables.
   *
   * @param kernels makes the kernel
   * @param ofVariable for each variable the indexes of what its condition asks for; null if it has
   *     none and any row will do
   */
  public record Conditions(
      Supplier<? extends MatchKernel> kernels, List<List<Integer>> ofVariable) {
    public Conditions {
      requireNonNull(kernels, "kernels");
    }
  }

  /** Which rows come out. */
  public enum Rows {
    /** One for each match, empty ones too. */
    ONE,
    /** Those of each match; of an empty one the row it would have begun with. */
    ALL,
    /** Those of each match. */
    ALL_OMIT_EMPTY,
    /** Those of each match and, of an empty one or of none, the row it would have begun with. */
    ALL_WITH_UNMATCHED
  }

  /**
   * Where the next match may begin.
   *
   * @param variables of TO_FIRST and TO_LAST, a bit each
   * @param name of those, for messages
   */
  public record Skip(To to, long variables, String name) {
    /** Kinds of skips. */
    public enum To {
      /** At the row behind the last one. */
      PAST_LAST,
      /** At the second row. */
      NEXT,
      /** At the first row of a variable. */
      FIRST,
      /** At the last row of a variable. */
      LAST
    }

    public Skip {
      requireNonNull(to, "to");
    }
  }

  public MatchSpec {
    requireNonNull(input, "input");
    requireNonNull(automaton, "automaton");
    requireNonNull(rows, "rows");
    requireNonNull(skip, "skip");
    partition = List.copyOf(partition);
    keys = List.copyOf(keys);
    variables = List.copyOf(variables);
    asked = List.copyOf(asked);
    measures = List.copyOf(measures);
    if (keys.isEmpty() || keys.get(0).descending() || input.isChangelog()) {
      throw new IllegalArgumentException("append-only rows in the order of time");
    }
    if (measures.size() != output.size()) {
      throw new IllegalArgumentException("a column for each measure");
    }
    if (variables.size() > MAX_VARIABLES) {
      throw new IllegalArgumentException(variables.size() + " variables");
    }
  }

  /** Rows after one that must be there before it can be looked at. */
  int rowsAhead() {
    int rows = 0;
    for (List<PathValue> values : List.of(asked, measures)) {
      for (PathValue value : values) {
        rows = Math.max(rows, value.isNavigation() ? value.offset() : 0);
      }
    }
    return rows;
  }

  /** Rows before the first of a match that may be asked for. */
  int rowsBehind() {
    List<List<Integer>> ofVariable = conditions == null ? List.of() : conditions.ofVariable();
    return rowsBehind(automaton, asked, ofVariable, measures);
  }

  /**
   * Rows before the first of a match that may be asked for.
   *
   * @param ofVariable for each variable the indexes of what its condition asks for, or null
   */
  public static int rowsBehind(
      PatternAutomaton automaton,
      List<PathValue> asked,
      List<List<Integer>> ofVariable,
      List<PathValue> measures) {
    int rows = 0;
    for (PathValue measure : measures) {
      rows = Math.max(rows, rowsBehind(automaton, measure, measure.variables()));
    }
    for (int i = 0; i < ofVariable.size(); i++) {
      if (ofVariable.get(i) != null) {
        for (int index : ofVariable.get(i)) {
          PathValue value = asked.get(index);
          long variables = value.isOfRowAlone() ? 1L << i : value.variables();
          rows = Math.max(rows, rowsBehind(automaton, value, variables));
        }
      }
    }
    return rows;
  }

  private static int rowsBehind(PatternAutomaton automaton, PathValue value, long variables) {
    return value.isNavigation() ? -value.offset() - automaton.leastRowsBefore(variables) : 0;
  }

  boolean numbersMatches() {
    return measures.stream().anyMatch(m -> m.kind() == PathValue.Kind.MATCH_NUMBER)
        || asked.stream().anyMatch(m -> m.kind() == PathValue.Kind.MATCH_NUMBER);
  }

  /** Names the layout of the state. */
  String fingerprint(String pattern) {
    return "Match "
        + List.of(input, partition, keys, variables, pattern, asked, span, rows, skip, measures);
  }
}
