package io.laminardb.core.operator.match;

import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.match.PathValue.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The registers of a partial match. Those that conditions ask for come first: two partial matches in
 * one state with the same words there have the same future. One thread.
 */
final class PathLayout {
  private final Register[][] ofVariable;
  private final int comparedWords;
  private final int words;
  private final int[] asked; // for each value the bytes before its words, or -1
  private final int[] measures;
  private final int skip;

  private final RowCodec codec;
  private final MatchRows rows;
  private final List<Register> registers = new ArrayList<>();
  private final Map<List<Object>, Register> known = new LinkedHashMap<>();
  private final Map<List<Object>, Integer> depths = new LinkedHashMap<>();
  private int nextWord;

  PathLayout(MatchSpec spec, RowCodec codec, MatchRows rows) {
    this.codec = codec;
    this.rows = rows;
    asked = place(spec.asked());
    comparedWords = nextWord;
    List<PathValue> later = new ArrayList<>(spec.measures());
    PathValue target = target(spec.skip());
    if (target != null) {
      later.add(target);
    }
    int[] placed = place(later);
    measures = java.util.Arrays.copyOf(placed, spec.measures().size());
    skip = target == null ? -1 : placed[placed.length - 1];
    words = nextWord;
    ofVariable = new Register[spec.variables().size()][];
    for (int i = 0; i < ofVariable.length; i++) {
      long bit = 1L << i;
      ofVariable[i] =
          registers.stream().filter(r -> (r.variables & bit) != 0).toArray(Register[]::new);
    }
  }

  private static PathValue target(MatchSpec.Skip skip) {
    return switch (skip.to()) {
      case PAST_LAST, NEXT -> null;
      case FIRST -> new PathValue(Kind.FIRST, skip.variables(), -1, 0, 0, true);
      case LAST -> new PathValue(Kind.LAST, skip.variables(), -1, 0, 0, true);
    };
  }

  /** Words of a partial match. */
  int words() {
    return words;
  }

  /** How many of them, from the first on, conditions may ask for. */
  int comparedWords() {
    return comparedWords;
  }

  /** Where the words of a value are that conditions ask for, in bytes. */
  int asked(int index) {
    return asked[index];
  }

  /** Where the words of a measure are, in bytes. */
  int measure(int index) {
    return measures[index];
  }

  /** Where the row is that the next match begins at, in bytes; -1 where no row is asked for. */
  int skip() {
    return skip;
  }

  /**
   * Writes what is known of a match with one more row.
   *
   * @param from the words so far, or 0
   * @param to where to write
   */
  void extend(long from, long to, int variable, long number, long bytes) {
    if (from == 0) {
      Memory.fill(to, 8L * words, (byte) 0);
    } else {
      Memory.copy(from, to, 8L * words);
    }
    for (Register register : ofVariable[variable]) {
      register.add(to, number, bytes);
    }
  }

  // ---- laying out

  private int[] place(List<PathValue> values) {
    for (PathValue value : values) {
      if (value.isNavigation()) {
        depths.merge(key(value), value.index() + 1, Math::max);
      }
    }
    return values.stream().mapToInt(this::place).toArray();
  }

  private static List<Object> key(PathValue value) {
    Kind kind = value.kind() == Kind.AVG ? Kind.SUM : value.kind();
    return List.of(kind, value.variables(), value.isNavigation() ? -1 : value.column());
  }

  private int place(PathValue value) {
    long variables = value.variables();
    int column = value.column();
    return switch (value.kind()) {
      case CURRENT, CLASSIFIER, MATCH_NUMBER -> -1;
      case FIRST -> navigation(value, depth -> new Register.First(variables, 8 * nextWord, depth));
      case LAST -> navigation(value, depth -> new Register.Last(variables, 8 * nextWord, depth));
      case COUNT -> register(value, () -> new Register.Count(variables, 8 * nextWord, column)).at;
      case SUM, AVG ->
          register(value, () -> new Register.Sum(variables, 8 * nextWord, codec, column)).at;
      case MIN, MAX ->
          register(
                  value,
                  () ->
                      new Register.Extreme(
                          variables, 8 * nextWord, codec, column, value.kind() == Kind.MAX, rows))
              .at;
    };
  }

  private int navigation(PathValue value, IntFunction<Register> make) {
    int depth = depths.get(key(value));
    Register register = known.get(key(value));
    if (register == null || register.words() < depth) {
      known.remove(key(value)); // it is too short: measures ask for more than conditions do
      register = register(value, () -> make.apply(depth));
    }
    return register.at + 8 * value.index();
  }

  private Register register(PathValue value, java.util.function.Supplier<Register> make) {
    return known.computeIfAbsent(
        key(value),
        key -> {
          Register made = make.get();
          registers.add(made);
          nextWord += made.words();
          return made;
        });
  }
}
