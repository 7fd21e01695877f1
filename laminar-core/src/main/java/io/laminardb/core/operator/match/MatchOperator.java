package io.laminardb.core.operator.match;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.over.TimeOrderOperator;
import io.laminardb.core.operator.over.WordVector;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;

/**
 * Finds matches of a pattern in partitions of append-only rows, in event-time order. A match is
 * emitted as soon as no other one that is preferred can come; then the next is looked for.
 *
 * <p>Rows are kept from the beginning of the attempt under way, and the watermark is held back to
 * it. A span ends attempts by the watermark alone, and so bounds the state.
 */
public final class MatchOperator extends TimeOrderOperator {
  private static final int GONE = WORDS; // rows that were freed
  private static final int START = GONE + 8; // the row the attempt begins with
  private static final int NEXT = START + 8; // the row it looks at next
  private static final int BEGUN = NEXT + 8; // whether it has begun
  private static final int ACCEPTED = BEGUN + 8; // the last node of its best match so far
  private static final int EMPTY = ACCEPTED + 8; // whether that has no rows
  private static final int MATCHES = EMPTY + 8; // matches so far
  private static final int COVERED = MATCHES + 8; // rows before this one were in a match
  private static final int HELD = COVERED + 8; // the row, counted from 1, that was last held
  private static final int THREADS = HELD + 8; // partial matches
  private static final int OWN_WORDS = (THREADS - GONE) / 8 + WordVector.HEADER_WORDS;

  /**
   * Makes them.
   *
   * @param keyTime where keys, which are part of the partition, have watermarks of their own, else null
   * @param pattern as text, for the fingerprint
   * @param generatedSource of the kernel, or null
   */
  public record Factory(MatchSpec spec, KeyTime keyTime, String pattern, String generatedSource)
      implements OperatorFactory {
    public Factory {
      requireNonNull(spec, "spec");
      requireNonNull(pattern, "pattern");
    }

    @Override
    public Operator create(OperatorContext context) {
      return new MatchOperator(spec, keyTime, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    @Override
    public String fingerprint() {
      return spec.fingerprint(pattern) + (keyTime == null ? "" : " " + keyTime);
    }
  }

  private final MatchSpec spec;
  private final PatternAutomaton automaton;
  private final long rowsAhead;
  private final long rowsBehind;
  private final boolean numbersMatches;
  private final MatchRows matchRows = new MatchRows();
  private final PathLayout layout;
  private final PathNodes nodes;
  private final PathWriter measures;
  private final Matcher matcher;
  private final LongList path =
      new LongList(); // of the match that is being emitted, last row first
  private int emitted; // rows of it

  private MatchOperator(MatchSpec spec, KeyTime keyTime, OperatorContext context) {
    super(spec.input(), spec.partition(), spec.keys(), keyTime, OWN_WORDS, spec.output(), context);
    this.spec = spec;
    automaton = spec.automaton();
    rowsAhead = spec.rowsAhead();
    rowsBehind = spec.rowsBehind();
    numbersMatches = spec.numbersMatches();
    layout = new PathLayout(spec, rows.codec(), matchRows);
    nodes = new PathNodes(rows.heap(), layout.words(), spec.rows() != MatchSpec.Rows.ONE);
    measures = writer(spec.measures(), layout::measure);
    try {
      matcher =
          new Matcher(
              spec,
              layout,
              nodes,
              matchRows,
              writer(spec.asked(), layout::asked),
              this::rowFailed,
              context.allocator());
    } catch (RuntimeException e) {
      super.close();
      throw e;
    }
  }

  private PathWriter writer(
      java.util.List<PathValue> values, java.util.function.IntUnaryOperator places) {
    int[] all = java.util.stream.IntStream.range(0, values.size()).map(places).toArray();
    return new PathWriter(values, all, spec.variables(), rows.codec(), matchRows);
  }

  // ---- attempts

  @Override
  protected boolean advance(long partition, boolean atEnd, Output output) {
    matchRows.open(partition, word(partition, GONE));
    matcher.load(partition + THREADS, word(partition, ACCEPTED), word(partition, EMPTY) != 0);
    boolean done = attempt(partition, atEnd, output);
    matcher.save(partition + THREADS, rows.heap());
    word(partition, ACCEPTED, matcher.accepted());
    word(partition, EMPTY, matcher.acceptedEmpty() ? 1 : 0);
    if (done) {
      evict(partition);
      holdStart(partition);
    }
    return done;
  }

  /** Goes on as far as the rows reach; false when the output refused. */
  private boolean attempt(long partition, boolean atEnd, Output output) {
    while (true) {
      long start = word(partition, START);
      long next = word(partition, NEXT);
      if (word(partition, BEGUN) == 0) {
        if (!isReady(start, atEnd)) {
          return true;
        }
        matcher.begin();
        word(partition, BEGUN, 1);
      }
      if (matcher.isOver(next == start)) {
        if (!emit(partition, start, output)) {
          return false;
        }
        conclude(partition, start);
      } else if (next >= matchRows.end() ? atEnd || isPast(start) : isBeyond(next, start)) {
        matcher.giveUp();
      } else if (isReady(next, atEnd)) {
        matcher.step(next, next == start, word(partition, MATCHES) + 1);
        word(partition, NEXT, next + 1);
      } else {
        return true;
      }
    }
  }

  /** Whether a row is there, and those behind it that may be asked for. */
  private boolean isReady(long number, boolean atEnd) {
    long end = matchRows.end();
    return number < end && (atEnd || end - number > rowsAhead);
  }

  /** Whether a row is too late for a match that begins at another. */
  private boolean isBeyond(long number, long start) {
    return spec.span() != MatchSpec.UNBOUNDED
        && Long.compareUnsigned(timeOf(number) - timeOf(start), spec.span()) >= 0;
  }

  /** Whether any row that is still to come is too late for a match that begins at one. */
  private boolean isPast(long start) {
    return spec.span() != MatchSpec.UNBOUNDED && present >= lastTime(start);
  }

  /** The last time that a row of a match may have that begins at one. */
  private long lastTime(long start) {
    long time = timeOf(start);
    return time > Long.MAX_VALUE - spec.span() ? Long.MAX_VALUE : time + spec.span() - 1;
  }

  private long timeOf(long number) {
    return time(matchRows.bytes(number));
  }

  /** Ends an attempt, and says where the next one begins. */
  private void conclude(long partition, long start) {
    long next = start + 1;
    long accepted = matcher.accepted();
    if (accepted != 0) {
      word(partition, COVERED, Math.max(word(partition, COVERED), PathNodes.number(accepted) + 1));
      next = skip(accepted, start);
    }
    if (accepted != 0 || matcher.acceptedEmpty()) {
      word(partition, MATCHES, word(partition, MATCHES) + 1);
    }
    matcher.finish();
    word(partition, BEGUN, 0);
    word(partition, START, next);
    word(partition, NEXT, next);
  }

  private long skip(long accepted, long start) {
    MatchSpec.Skip skip = spec.skip();
    return switch (skip.to()) {
      case PAST_LAST -> PathNodes.number(accepted) + 1;
      case NEXT -> start + 1;
      case FIRST, LAST -> {
        long noted = Memory.getLong(PathNodes.registers(accepted) + layout.skip());
        if (noted - 1 > start) {
          yield noted - 1;
        }
        rowFailed(matchRows.row(start), noSkip(skip, noted == 0));
        yield start + 1;
      }
    };
  }

  private static LaminarException noSkip(MatchSpec.Skip skip, boolean isMissing) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED,
            "AFTER MATCH SKIP TO "
                + skip.to()
                + " "
                + skip.name()
                + (isMissing
                    ? " after a match that has no row of " + skip.name() + "."
                    : " leads to the first row of the match again, and would find it for ever."))
        .mend("Skip PAST LAST ROW or TO NEXT ROW, or to a variable that each match has later.");
  }

  // ---- results

  /** Emits what an attempt found; false when the output refused. */
  private boolean emit(long partition, long start, Output output) {
    long accepted = matcher.accepted();
    long number = word(partition, MATCHES) + 1;
    MatchSpec.Rows kind = spec.rows();
    if (accepted != 0) {
      return kind == MatchSpec.Rows.ONE
          ? emitRow(accepted, accepted, start, number, output)
          : emitPath(accepted, number, output);
    }
    boolean isEmitted =
        matcher.acceptedEmpty()
            ? kind != MatchSpec.Rows.ALL_OMIT_EMPTY
            : kind == MatchSpec.Rows.ALL_WITH_UNMATCHED && start >= word(partition, COVERED);
    return !isEmitted || emitRow(0, 0, start, matcher.acceptedEmpty() ? number : 0, output);
  }

  private boolean emitPath(long accepted, long number, Output output) {
    if (path.size() == 0) {
      for (long node = accepted; node != 0; node = PathNodes.before(node)) {
        path.add(node);
      }
      emitted = 0;
    }
    for (; emitted < path.size(); emitted++) {
      long node = path.get(path.size() - 1 - emitted);
      if (!automaton.isExcluded(PathNodes.state(node))
          && !emitRow(node, accepted, PathNodes.number(node), number, output)) {
        return false;
      }
    }
    path.clear();
    return true;
  }

  /**
   * Emits a row.
   *
   * @param node the match so far, or 0
   * @param accepted the whole match, or 0
   */
  private boolean emitRow(long node, long accepted, long row, long matchNumber, Output output) {
    if (out.isFull() && !pass(output)) {
      return false;
    }
    int at = out.rowCount();
    try {
      for (int pass = 0; pass < 2; pass++) { // a row that fails leaves no trace
        for (int i = 0; i < spec.measures().size(); i++) {
          open(measures.isFinal(i) ? accepted : node, row, matchNumber);
          if (pass == 0) {
            measures.check(i, out.column(i));
          } else {
            measures.write(i, out.column(i), at);
          }
        }
      }
      out.endRow();
    } catch (LaminarException failure) {
      rowFailed(matchRows.row(row), failure);
    }
    return true;
  }

  private void open(long node, long row, long matchNumber) {
    int variable = node == 0 ? 0 : automaton.variable(PathNodes.state(node));
    measures.open(PathNodes.registers(node), variable, row, matchNumber);
  }

  // ---- what is kept

  /** Frees rows that nobody will ask for again. */
  private void evict(long partition) {
    long needed = Math.min(word(partition, START), matchRows.end()) - rowsBehind;
    long free = needed - word(partition, GONE);
    long kept = matchRows.end() - needed;
    if (free > 0 && (free >= kept || free > 1024)) {
      rows.remove(partition, 0, (int) free);
      word(partition, GONE, needed);
      matchRows.open(partition, needed);
    }
  }

  private void holdStart(long partition) {
    long start = word(partition, START);
    if (start < matchRows.end() && word(partition, HELD) != start + 1) {
      word(partition, HELD, start + 1);
      addHeld(partition, start);
    }
  }

  private void addHeld(long partition, long start) {
    hold(partition, timeOf(start));
    if (spec.span() != MatchSpec.UNBOUNDED) {
      dueAt(partition, lastTime(start));
    }
  }

  @Override
  protected boolean isHeld(long time, long partition) {
    matchRows.open(partition, word(partition, GONE));
    long start = word(partition, START);
    return start < matchRows.end() && timeOf(start) == time;
  }

  @Override
  protected boolean isForgettable(long partition) {
    return !numbersMatches;
  }

  @Override
  protected void writePartition(long partition, StateWriter writer) {
    int count = WordVector.count(partition + THREADS);
    long[] roots = new long[count + 1];
    for (int i = 0; i < count; i++) {
      roots[i] = WordVector.get(partition + THREADS, i);
    }
    roots[count] = word(partition, ACCEPTED);
    nodes.write(roots, writer);
  }

  @Override
  protected void readPartition(long partition, StateReader reader) {
    long[] roots = nodes.read(reader);
    WordVector.clear(partition + THREADS);
    for (int i = 0; i < roots.length - 1; i++) {
      WordVector.insert(partition + THREADS, i, roots[i], rows.heap());
    }
    word(partition, ACCEPTED, roots[roots.length - 1]);
    matchRows.open(partition, word(partition, GONE));
    long start = word(partition, START);
    if (start < matchRows.end()) {
      addHeld(partition, start);
    }
  }

  @Override
  public void close() {
    super.close();
    matcher.close();
  }

  private static long word(long partition, int offset) {
    return Memory.getLong(partition + offset);
  }

  private static void word(long partition, int offset, long value) {
    Memory.putLong(partition + offset, value);
  }
}
