package io.laminardb.core.operator.match;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of rows: a regular expression over variables, each of which stands for one row. Where it
 * could match in several ways, the one that comes first in the order of the choices made is
 * preferred, as SQL:2016 has it: the first alternative, more repetitions if greedy, fewer if
 * reluctant. Immutable.
 */
public sealed interface RowPattern {
  /** No upper bound of a repetition. */
  int UNBOUNDED = -1;

  /** One row, by the number of its variable. */
  record Variable(int number) implements RowPattern {}

  /** One part behind the other; none matches no rows. */
  record Concatenation(List<RowPattern> parts) implements RowPattern {
    public Concatenation {
      parts = List.copyOf(parts);
    }
  }

  /** One of several, the first ones preferred. */
  record Alternation(List<RowPattern> alternatives) implements RowPattern {
    public Alternation {
      alternatives = List.copyOf(alternatives);
      if (alternatives.isEmpty()) {
        throw new IllegalArgumentException("an alternation has alternatives");
      }
    }
  }

  /**
   * One several times in a row.
   *
   * @param max {@link #UNBOUNDED}, or not below {@code min}
   * @param reluctant whether fewer times are preferred
   */
  record Repetition(RowPattern part, int min, int max, boolean reluctant) implements RowPattern {
    public Repetition {
      requireNonNull(part, "part");
      if (min < 0 || max != UNBOUNDED && max < min) {
        throw new IllegalArgumentException("repeats from " + min + " to " + max);
      }
    }
  }

  /** Rows that belong to the match, but not to its output. */
  record Exclusion(RowPattern part) implements RowPattern {
    public Exclusion {
      requireNonNull(part, "part");
    }
  }

  /** The most rows a match may have; {@link Long#MAX_VALUE} for any number. */
  default long maxRows() {
    if (this instanceof Concatenation concatenation) {
      long rows = 0;
      for (RowPattern part : concatenation.parts()) {
        long more = part.maxRows();
        rows = more == Long.MAX_VALUE || rows == Long.MAX_VALUE ? Long.MAX_VALUE : rows + more;
      }
      return rows;
    }
    if (this instanceof Alternation alternation) {
      return alternation.alternatives().stream().mapToLong(RowPattern::maxRows).max().orElse(0);
    }
    if (this instanceof Exclusion exclusion) {
      return exclusion.part().maxRows();
    }
    if (this instanceof Repetition repetition) {
      long rows = repetition.part().maxRows();
      return rows == 0
          ? 0
          : rows == Long.MAX_VALUE || repetition.max() == UNBOUNDED
              ? Long.MAX_VALUE
              : rows * repetition.max();
    }
    return 1;
  }

  /** All orders of some parts, those preferred that have earlier parts first. */
  static RowPattern permutation(List<RowPattern> parts) {
    if (parts.size() <= 1) {
      return new Concatenation(parts);
    }
    List<RowPattern> orders = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      List<RowPattern> rest = new ArrayList<>(parts);
      RowPattern first = rest.remove(i);
      orders.add(new Concatenation(List.of(first, permutation(rest))));
    }
    return new Alternation(orders);
  }
}
