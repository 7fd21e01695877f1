package io.laminardb.core.operator.match;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.over.PartitionedRows;
import io.laminardb.core.operator.over.WordVector;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Tries one row as the beginning of a match: all partial matches that begin there advance row by row,
 * those preferred first. As soon as one may end, those preferred less are given up; it is the match
 * when none that is preferred is left. One thread.
 */
final class Matcher implements AutoCloseable {
  /** Variables whose conditions are remembered with a row. */
  private static final int REMEMBERED = 32;

  /** Told when a condition fails on a row. */
  interface OnFailure {
    /** Returns when the condition is to count as not true. */
    void failed(long row, RuntimeException failure);
  }

  private final PatternAutomaton automaton;
  private final MatchSpec.Conditions conditions;
  private final boolean[] ofRowAlone; // conditions that are the same whatever came before
  private final PathLayout layout;
  private final PathNodes nodes;
  private final MatchRows rows;
  private final PathWriter asked;
  private final OnFailure onFailure;
  private final Batch values; // what a condition asks for; null without any
  private final MatchKernel kernel;
  private final ArrowBuf scratch; // registers of a partial match that may come to be
  private Threads threads;
  private Threads survivors;
  private long accepted; // the most preferred match so far, or 0
  private boolean acceptedEmpty; // no rows at all are a match

  // the row and the partial match under way
  private long number;
  private long row;
  private long bytes;
  private long from;
  private int extended; // the variable that scratch is extended with, or -1
  private long tested; // variables whose condition was evaluated
  private long holding; // those of them where it holds

  Matcher(
      MatchSpec spec,
      PathLayout layout,
      PathNodes nodes,
      MatchRows rows,
      PathWriter asked,
      OnFailure onFailure,
      BufferAllocator allocator) {
    this.automaton = spec.automaton();
    this.conditions = spec.conditions();
    this.layout = layout;
    this.nodes = nodes;
    this.rows = rows;
    this.asked = asked;
    this.onFailure = onFailure;
    threads = new Threads(layout.comparedWords());
    survivors = new Threads(layout.comparedWords());
    ofRowAlone = new boolean[spec.variables().size()];
    IntStream.range(0, ofRowAlone.length).forEach(v -> ofRowAlone[v] = isOfRowAlone(spec, v));
    scratch = StateMemory.allocate(allocator, Math.max(8, 8L * layout.words()));
    try {
      values = conditions == null ? null : new Batch(spec.conditionInput(), 1, allocator);
      kernel = conditions == null ? null : conditions.kernels().get();
      if (kernel != null) {
        kernel.open(allocator);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static boolean isOfRowAlone(MatchSpec spec, int variable) {
    if (variable >= REMEMBERED || spec.conditions() == null) {
      return false;
    }
    List<Integer> used = spec.conditions().ofVariable().get(variable);
    return used != null && used.stream().allMatch(i -> spec.asked().get(i).isOfRowAlone());
  }

  // ---- one attempt

  /** Begins at a row that is still to be looked at. */
  void begin() {
    acceptedEmpty = automaton.matchesEmpty();
  }

  /**
   * Whether it is known how the attempt ends.
   *
   * @param isNew whether no row was looked at yet
   */
  boolean isOver(boolean isNew) {
    return isNew ? automaton.first().length == 0 : threads.size() == 0;
  }

  /** Looks at one more row, the first or the one behind the last. */
  void step(long newNumber, boolean isFirst, long matchNumber) {
    number = newNumber;
    row = rows.row(number);
    bytes = PartitionedRows.bytesOf(row);
    boolean ended = false;
    if (isFirst) {
      advance(0, automaton.first(), matchNumber);
    }
    for (int i = 0; i < threads.size(); i++) {
      long thread = threads.get(i);
      if (!ended) {
        ended = advance(thread, automaton.follow(PathNodes.state(thread)), matchNumber);
      }
      nodes.release(thread);
    }
    threads.clear();
    Threads swapped = threads;
    threads = survivors;
    survivors = swapped;
  }

  /** Adds what a partial match may become; true if one of that is a match. */
  private boolean advance(long thread, int[] states, long matchNumber) {
    from = PathNodes.registers(thread);
    extended = -1;
    tested = 0;
    holding = 0;
    for (int state : states) {
      int variable = automaton.variable(state);
      if (holds(variable, matchNumber)) {
        extend(variable);
        if (add(thread, state)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean add(long thread, int state) {
    boolean continues = automaton.follow(state).length > 0;
    boolean ends = automaton.mayEnd(state);
    long registers = scratch.memoryAddress();
    if (continues && survivors.contains(state, registers)) {
      return false;
    }
    long node = nodes.create(thread, state, number, registers);
    if (ends) {
      nodes.release(accepted);
      accepted = node;
      acceptedEmpty = false;
    }
    if (continues) {
      if (ends) {
        PathNodes.retain(node);
      }
      survivors.addKnown(node);
    }
    return ends;
  }

  private void extend(int variable) {
    if (extended != variable) {
      layout.extend(from, scratch.memoryAddress(), variable, number, bytes);
      extended = variable;
    }
  }

  /** Gives up all partial matches: no more rows come that they could take. */
  void giveUp() {
    for (int i = 0; i < threads.size(); i++) {
      nodes.release(threads.get(i));
    }
    threads.clear();
  }

  /** Forgets the match of an attempt that is over. */
  void finish() {
    nodes.release(accepted);
    accepted = 0;
    acceptedEmpty = false;
  }

  /** The last row of the match, or 0. */
  long accepted() {
    return accepted;
  }

  /** Whether the match has no rows. */
  boolean acceptedEmpty() {
    return acceptedEmpty;
  }

  // ---- conditions

  private boolean holds(int variable, long matchNumber) {
    if (conditions == null || conditions.ofVariable().get(variable) == null) {
      return true;
    }
    if (ofRowAlone[variable]) {
      return holdsOfRow(variable, matchNumber);
    }
    long bit = 1L << variable;
    if ((tested & bit) == 0) {
      tested |= bit;
      holding |= test(variable, matchNumber) ? bit : 0;
    }
    return (holding & bit) != 0;
  }

  /** The row's tag has a bit for what was evaluated, and above a bit for what holds. */
  private boolean holdsOfRow(int variable, long matchNumber) {
    long known = PartitionedRows.tag(row);
    if ((known >>> variable & 1) == 0) {
      long holds = test(variable, matchNumber) ? 1 : 0;
      known |= 1L << variable | holds << variable + REMEMBERED;
      PartitionedRows.tag(row, known);
    }
    return (known >>> variable + REMEMBERED & 1) != 0;
  }

  private boolean test(int variable, long matchNumber) {
    extend(variable);
    try {
      values.clear();
      asked.open(scratch.memoryAddress(), variable, number, matchNumber);
      List<Integer> used = conditions.ofVariable().get(variable);
      for (int i = 0; i < used.size(); i++) {
        int index = used.get(i);
        asked.check(index, values.column(index));
        asked.write(index, values.column(index), 0);
      }
      kernel.bind(values);
      return kernel.test(variable);
    } catch (RuntimeException failure) {
      onFailure.failed(row, failure);
      return false;
    }
  }

  // ---- where an attempt is kept while another one is under way

  /**
   * Goes on with an attempt.
   *
   * @param partialMatches a {@link WordVector} of them
   */
  void load(long partialMatches, long newAccepted, boolean newAcceptedEmpty) {
    threads.clear();
    for (int i = 0; i < WordVector.count(partialMatches); i++) {
      threads.add(WordVector.get(partialMatches, i));
    }
    accepted = newAccepted;
    acceptedEmpty = newAcceptedEmpty;
  }

  /** Writes the partial matches of the attempt to a {@link WordVector}. */
  void save(long partialMatches, StateHeap heap) {
    WordVector.remove(partialMatches, 0, WordVector.count(partialMatches), heap);
    for (int i = 0; i < threads.size(); i++) {
      WordVector.insert(partialMatches, i, threads.get(i), heap);
    }
  }

  @Override
  public void close() {
    scratch.close();
    if (values != null) {
      values.close();
    }
    if (kernel != null) {
      kernel.close();
    }
  }
}
