package io.laminardb.core.operator.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.match.RowPattern.Alternation;
import io.laminardb.core.operator.match.RowPattern.Concatenation;
import io.laminardb.core.operator.match.RowPattern.Exclusion;
import io.laminardb.core.operator.match.RowPattern.Repetition;
import io.laminardb.core.operator.match.RowPattern.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatternAutomatonTest {
  private static final RowPattern A = new Variable(0);
  private static final RowPattern B = new Variable(1);

  @Test
  void prefersMoreRowsWhereAPatternIsGreedy() {
    PatternAutomaton automaton = PatternAutomaton.of(sequence(repeated(A, 1, false), B));
    // A, A again, B
    assertThat(automaton.first()).containsExactly(0);
    assertThat(automaton.follow(0)).containsExactly(1, 2);
    assertThat(automaton.follow(1)).containsExactly(1, 2);
    assertThat(automaton.mayEnd(2)).isTrue();
    assertThat(automaton.follow(2)).isEmpty();
  }

  @Test
  void leavesOutWhatIsPreferredLessThanTheEnd() {
    PatternAutomaton automaton = PatternAutomaton.of(sequence(A, repeated(B, 0, true)));
    assertThat(automaton.mayEnd(0)).isTrue();
    assertThat(automaton.follow(0)).isEmpty();
  }

  @Test
  void matchesNoRowsWhereAllPartsMay() {
    PatternAutomaton greedy = PatternAutomaton.of(repeated(repeated(A, 0, false), 0, false));
    assertThat(greedy.matchesEmpty()).isTrue();
    assertThat(greedy.first()).containsExactly(0);
    PatternAutomaton reluctant = PatternAutomaton.of(repeated(A, 0, true));
    assertThat(reluctant.matchesEmpty()).isTrue();
    assertThat(reluctant.first()).isEmpty();
    assertThat(PatternAutomaton.of(sequence()).matchesEmpty()).isTrue();
  }

  @Test
  void knowsWhichRowsAreExcluded() {
    PatternAutomaton automaton = PatternAutomaton.of(sequence(A, new Exclusion(B), A));
    assertThat(automaton.isExcluded(0)).isFalse();
    assertThat(automaton.isExcluded(1)).isTrue();
    assertThat(automaton.isExcluded(2)).isFalse();
  }

  @Test
  void knowsWhatComesBeforeAVariable() {
    PatternAutomaton automaton = PatternAutomaton.of(sequence(repeated(A, 2, false), B));
    assertThat(automaton.leastRowsBefore(1)).isZero();
    assertThat(automaton.leastRowsBefore(2)).isEqualTo(2);
    assertThat(automaton.isAtFirstRow(1, true)).isTrue();
    assertThat(automaton.isAtFirstRow(1, false)).isFalse();
    assertThat(automaton.isAtFirstRow(2, true)).isFalse();
  }

  @Test
  void takesDeepAndWidePatterns() {
    RowPattern counted = new Repetition(A, 0, 9_000, false);
    assertThat(PatternAutomaton.of(counted).size()).isEqualTo(9_000);
    RowPattern permuted = RowPattern.permutation(List.of(A, B, A, B, A, B));
    assertThat(PatternAutomaton.of(permuted).first()).hasSize(6);
    assertThat(PatternAutomaton.of(permuted).size()).isEqualTo(1_956);
    assertThat(permuted.maxRows()).isEqualTo(6);
    assertThat(counted.maxRows()).isEqualTo(9_000);
  }

  @Test
  void refusesPatternsThatAreTooLarge() {
    RowPattern huge = new Repetition(new Repetition(A, 500, 500, false), 500, 500, false);
    assertThatThrownBy(() -> PatternAutomaton.of(huge))
        .isInstanceOf(LaminarException.class)
        .satisfies(
            e -> assertThat(((LaminarException) e).code()).isEqualTo(ErrorCode.QUERY_TOO_COMPLEX));
    RowPattern optional = repeated(new Alternation(List.of(A, B)), 0, false);
    assertThat(PatternAutomaton.of(optional).first()).hasSize(2);
  }

  private static RowPattern sequence(RowPattern... parts) {
    return new Concatenation(List.of(parts));
  }

  private static RowPattern repeated(RowPattern part, int min, boolean reluctant) {
    return new Repetition(part, min, RowPattern.UNBOUNDED, reluctant);
  }
}
