package io.laminardb.core.operator.match;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A pattern as an automaton without empty moves: a state for each place of a variable in the pattern
 * (V. M. Glushkov, "The abstract theory of automata", 1961), with the states that may follow it in
 * the order in which the pattern prefers them. Bounded repetitions are written out before.
 *
 * <p>That a match may end is one of the things that may follow; what is preferred less than the end
 * never happens and is left out. An iteration that takes no row ends its repetition. Immutable.
 */
public final class PatternAutomaton {
  /** States beyond which a pattern is refused. */
  static final int MAX_STATES = 10_000;

  private static final int MAX_MOVES = 1_000_000;
  private static final int END = -1;

  private final List<Integer> variables = new ArrayList<>();
  private final List<Boolean> excluded = new ArrayList<>();
  private final Moves first;
  private final Moves[] follow;
  private int visited; // parts looked at, so that no pattern takes for ever

  /** What may come next: states in the order of preference, and whether the end may, after them. */
  private record Moves(int[] states, boolean end) {}

  /** What is left to match behind a part; a list, so that tails are shared. */
  private sealed interface Rest {
    /** Nothing. */
    record Nothing() implements Rest {}

    /** A part, then more. */
    record Part(Node part, Rest more) implements Rest {}

    /**
     * The end of an iteration.
     *
     * @param began whether it began without a row having come since
     */
    record Iteration(Loop loop, boolean began, Rest more) implements Rest {}
  }

  /** The pattern with its places numbered and bounded repetitions written out. */
  private sealed interface Node {}

  private record Place(int state) implements Node {}

  private record Sequence(List<Node> parts) implements Node {}

  private record Choice(List<Node> alternatives) implements Node {}

  /** A part, or nothing; once that is over, the next loop if there is one, or the same again. */
  private static final class Loop implements Node {
    final Node part;
    final boolean reluctant;
    Loop next;

    Loop(Node part, boolean reluctant) {
      this.part = part;
      this.reluctant = reluctant;
    }
  }

  private PatternAutomaton(RowPattern pattern) {
    Node root = number(pattern, false);
    List<Moves> moves = new ArrayList<>(variables.size());
    for (int i = 0; i < variables.size(); i++) {
      moves.add(null);
    }
    Rest nothing = new Rest.Nothing();
    first = moves(new Rest.Part(root, nothing));
    after(root, nothing, moves);
    follow = moves.toArray(Moves[]::new);
  }

  /**
   * The automaton of a pattern.
   *
   * @throws LaminarException QUERY_TOO_COMPLEX if it has too many states
   */
  public static PatternAutomaton of(RowPattern pattern) {
    return new PatternAutomaton(pattern);
  }

  /** How many states there are. */
  public int size() {
    return follow.length;
  }

  /** The variable of a state. */
  public int variable(int state) {
    return variables.get(state);
  }

  /** Whether rows of a state are left out of the output. */
  public boolean isExcluded(int state) {
    return excluded.get(state);
  }

  /**
   * Whether of some variables only the first row of a match can be the first, or the last, row.
   *
   * @param variables a bit each
   */
  public boolean isAtFirstRow(long variables, boolean first) {
    return first
        ? !matchesEmpty() && IntStream.of(first()).allMatch(state -> isOf(state, variables))
        : Stream.of(follow)
            .flatMapToInt(moves -> IntStream.of(moves.states()))
            .noneMatch(state -> isOf(state, variables));
  }

  /**
   * How many rows of a match come at least before a row of some variables.
   *
   * @param variables a bit each
   */
  public int leastRowsBefore(long variables) {
    boolean[] reached = new boolean[size()];
    int[] present = first();
    for (int rows = 0; present.length > 0; rows++) {
      if (IntStream.of(present).anyMatch(state -> isOf(state, variables))) {
        return rows;
      }
      present =
          IntStream.of(present)
              .flatMap(state -> IntStream.of(follow(state)))
              .filter(
                  state -> {
                    boolean isNew = !reached[state];
                    reached[state] = true;
                    return isNew;
                  })
              .toArray();
    }
    return 0;
  }

  private boolean isOf(int state, long variables) {
    return (variables >>> variable(state) & 1) != 0;
  }

  /** The states a match may begin with, preferred ones first. Not to be changed. */
  public int[] first() {
    return first.states();
  }

  /** Whether no row at all is a match, if none that is preferred is found. */
  public boolean matchesEmpty() {
    return first.end();
  }

  /** The states that may follow one, preferred ones first. Not to be changed. */
  public int[] follow(int state) {
    return follow[state].states();
  }

  /** Whether a match may end at a state, if none that follows is preferred. */
  public boolean mayEnd(int state) {
    return follow[state].end();
  }

  // ---- places

  private Node number(RowPattern pattern, boolean isExcluded) {
    if (pattern instanceof RowPattern.Variable variable) {
      if (variables.size() == MAX_STATES) {
        throw tooComplex();
      }
      variables.add(variable.number());
      excluded.add(isExcluded);
      return new Place(variables.size() - 1);
    }
    if (pattern instanceof RowPattern.Concatenation concatenation) {
      return new Sequence(
          concatenation.parts().stream().map(part -> number(part, isExcluded)).toList());
    }
    if (pattern instanceof RowPattern.Alternation alternation) {
      return new Choice(
          alternation.alternatives().stream().map(part -> number(part, isExcluded)).toList());
    }
    if (pattern instanceof RowPattern.Exclusion exclusion) {
      return number(exclusion.part(), true);
    }
    return repetition((RowPattern.Repetition) pattern, isExcluded);
  }

  /** {@code X{2,4}} is {@code X X}, then a loop that leads to a second one; {@code X+} is {@code X X*}. */
  private Node repetition(RowPattern.Repetition repetition, boolean isExcluded) {
    List<Node> parts = new ArrayList<>();
    for (int i = 0; i < repetition.min(); i++) {
      parts.add(number(repetition.part(), isExcluded));
    }
    if (repetition.max() == RowPattern.UNBOUNDED) {
      Loop loop = new Loop(number(repetition.part(), isExcluded), repetition.reluctant());
      loop.next = loop;
      parts.add(loop);
    } else {
      Loop last = null;
      for (int i = repetition.min(); i < repetition.max(); i++) {
        Loop loop = new Loop(number(repetition.part(), isExcluded), repetition.reluctant());
        if (last == null) {
          parts.add(loop);
        } else {
          last.next = loop;
        }
        last = loop;
      }
    }
    return parts.size() == 1 ? parts.get(0) : new Sequence(parts);
  }

  private static LaminarException tooComplex() {
    return new LaminarException(
            ErrorCode.QUERY_TOO_COMPLEX,
            "the pattern needs more than " + MAX_STATES + " states or too many moves between them.")
        .mend("Repeat with + or * in the place of large numbers, and permute fewer variables.");
  }

  // ---- what may follow

  /** Notes for each place in a node what may follow it. */
  private void after(Node node, Rest rest, List<Moves> moves) {
    if (node instanceof Place place) {
      moves.set(place.state(), moves(rest));
    } else if (node instanceof Sequence sequence) {
      Rest behind = rest;
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        after(sequence.parts().get(i), behind, moves);
        behind = new Rest.Part(sequence.parts().get(i), behind);
      }
    } else if (node instanceof Choice choice) {
      choice.alternatives().forEach(alternative -> after(alternative, rest, moves));
    } else {
      Loop loop = (Loop) node;
      for (Loop other = null; loop != null && loop != other; other = loop, loop = loop.next) {
        after(loop.part, new Rest.Iteration(loop, false, rest), moves);
      }
    }
  }

  private Moves moves(Rest rest) {
    Set<Integer> found = new LinkedHashSet<>();
    boolean end = collect(rest, found);
    return new Moves(found.stream().mapToInt(Integer::intValue).toArray(), end);
  }

  /**
   * Collects the places that may come first, in the order of preference; a place found again is
   * preferred less than the first time. Returns true at the end of the pattern, where nothing that
   * is preferred less is of interest any more.
   */
  private boolean collect(Rest rest, Set<Integer> found) {
    if (visited++ > MAX_MOVES) {
      throw tooComplex();
    }
    if (rest instanceof Rest.Nothing) {
      return true;
    }
    if (rest instanceof Rest.Iteration iteration) {
      Loop next = iteration.loop().next;
      return iteration.began() || next == null
          ? collect(iteration.more(), found) // one that has taken no row is the last
          : again(next, iteration.more(), found);
    }
    Rest.Part next = (Rest.Part) rest;
    Node node = next.part();
    if (node instanceof Place place) {
      found.add(place.state());
      return false;
    }
    if (node instanceof Sequence sequence) {
      Rest behind = next.more();
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        behind = new Rest.Part(sequence.parts().get(i), behind);
      }
      return collect(behind, found);
    }
    if (node instanceof Choice choice) {
      for (Node alternative : choice.alternatives()) {
        if (collect(new Rest.Part(alternative, next.more()), found)) {
          return true;
        }
      }
      return false;
    }
    return again((Loop) node, next.more(), found);
  }

  private boolean again(Loop loop, Rest more, Set<Integer> found) {
    Rest once = new Rest.Part(loop.part, new Rest.Iteration(loop, true, more));
    return loop.reluctant
        ? collect(more, found) || collect(once, found)
        : collect(once, found) || collect(more, found);
  }
}
