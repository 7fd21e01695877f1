package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.connector.TableValues;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Joins each row with the rows of a table outside that have its key. What is not in the cache is asked
 * for in the background; meanwhile rows wait, and those behind them, too, so that answers come in the
 * order of the rows, and watermarks between them. When too many wait, the input is held back.
 *
 * <p>Rows that wait and the cache are part of a snapshot, and an answer is an input like a row: so the same
 * rows and answers give the same output. Keys that were asked for are asked for again after a restore.
 */
public final class LookupJoinOperator implements Operator {
  private static final int PENDING = 0; // tags of sections
  private static final int ANSWERS = 1;
  private static final int CACHE = 2;
  private static final int CLOCK = 3; // of the cache
  private static final int FAILURES = 4;

  /** Makes joins with a table outside. */
  public record Factory(LookupSpec spec, String generatedSource) implements OperatorFactory {
    /**
     * @param generatedSource of the condition, or null
     */
    public Factory {
      requireNonNull(spec, "spec");
    }

    @Override
    public Operator create(OperatorContext context) {
      return new LookupJoinOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    /** Watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "LookupJoin" + spec.join().fingerprint();
    }
  }

  private final LookupSpec spec;
  private final LookupOptions options;
  private final OperatorContext context;
  private final int[] keyColumns;
  private final RowAnswers answers;
  private final RowProbe tableProbe;
  private final Batch tableRow; // one of the table's, on its way into the cache
  private final Batch pendingRow; // the first of those that wait
  private final PendingRows pending;
  private final LookupCache cache;
  private final LookupQuestions questions;
  private final Map<Long, LaminarException> failures =
      new HashMap<>(); // by entry, which rows wait for

  private int row = -1; // of the batch on loan that is under way, or -1
  private boolean begun; // the first of those that wait, or the row under way where none waits
  private long pinned; // the entry it is joined with, or 0
  private long hits;
  private long misses;
  private long asked; // questions

  private LookupJoinOperator(LookupSpec spec, OperatorContext context) {
    this.spec = spec;
    this.options = spec.connector().options();
    this.context = context;
    this.keyColumns = spec.join().keys(JoinType.LEFT_PORT);
    JoinSpec join = spec.join();
    questions = new LookupQuestions(spec, context::inBackground);
    cache = new LookupCache(options.cacheRows(), options.cacheTtl().toNanos(), context.allocator());
    pending = new PendingRows(join.left(), context.allocator());
    tableRow = new Batch(join.right(), 1, context.allocator());
    pendingRow = new Batch(join.left(), 1, context.allocator());
    tableProbe = new RowProbe(join.right(), join.keys(JoinType.RIGHT_PORT), context.allocator());
    answers = new RowAnswers(join, spec.output(), context);
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    if (!drain(output)) {
      return Progress.BLOCKED;
    }
    while (row < batch.to()) {
      if (pending.isEmpty() ? !answerNow(batch, output) : !queue(batch, output)) {
        return Progress.BLOCKED;
      }
    }
    questions.send();
    if (!answers.flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    cache.evict();
    return Progress.NEEDS_INPUT;
  }

  /** Answers the row under way, as nothing waits, or lets it wait; false for back-pressure. */
  private boolean answerNow(Batch batch, Output output) {
    if (!begun) {
      boolean hasKey = answers.look(batch, row);
      long entry = hasKey ? cache.known(answers.key(), context.nowEpochNs()) : 0;
      if (hasKey && entry == 0) {
        return queue(batch, output);
      }
      hits += hasKey ? 1 : 0;
      begin(batch, row, entry);
    }
    if (begun && !write(output)) {
      return false;
    }
    row++;
    return true;
  }

  /** Lets the row under way wait; false when too many do. */
  private boolean queue(Batch batch, Output output) {
    if (isFull() && context.mayAwaitAnswers()) {
      questions.send();
      answers.flush(output);
      return false;
    }
    if (answers.look(batch, row)) {
      want(batch, row);
    }
    pending.add(answers.row(), batch.weight(row));
    row++;
    return true;
  }

  /** A row wants the answer of its key, which is asked for where it is not known. */
  private void want(Batch batch, int at) {
    long entry = cache.entry(answers.key(), context.nowEpochNs());
    if (cache.isNew(entry)) {
      misses++;
      cache.asked(entry);
      if (context.mayAsk()) {
        ask(batch, at);
      }
    } else {
      hits++;
    }
    cache.pin(entry);
  }

  /** Asks for the key of the row looked at. */
  private void ask(Batch batch, int at) {
    Object[] key = new Object[keyColumns.length];
    for (int i = 0; i < key.length; i++) {
      key[i] = TableValues.get(batch.column(keyColumns[i]), at);
    }
    questions.add(answers.row().keyBytes(), key);
  }

  @Override
  public void askAgain() {
    Set<Long> entries = new HashSet<>();
    forEachWanted(
        entry -> {
          if (cache.isAsked(entry) && entries.add(entry)) {
            ask(pendingRow, 0);
          }
        });
    questions.send();
  }

  /** Looks at each row that waits and has a key, and calls {@code action} with its entry. */
  private void forEachWanted(LongConsumer action) {
    pending.forEach(
        pendingRow,
        () -> {
          if (answers.look(pendingRow, 0)) {
            action.accept(cache.wanted(answers.key()));
          }
        });
  }

  @Override
  public boolean isFull() {
    return pending.rows() >= options.maxInFlight();
  }

  /** Answers those that wait, as far as their answers are known; false for back-pressure. */
  private boolean drain(Output output) {
    while (!pending.isEmpty()) {
      if (pending.isWatermark()) {
        if (!answers.flush(output) || !output.watermark(pending.watermark())) {
          return false;
        }
        pending.remove();
        continue;
      }
      if (!begun && !beginFirst()) {
        break;
      }
      if (begun && !write(output)) {
        return false;
      }
      pending.remove();
    }
    return true;
  }

  /** Begins with the first one that waits; false when its answer is not known yet. */
  private boolean beginFirst() {
    pending.read(pendingRow);
    boolean hasKey = answers.look(pendingRow, 0);
    long entry = hasKey ? cache.wanted(answers.key()) : 0;
    if (entry != 0 && cache.isFailed(entry)) {
      LaminarException failure = failures.get(entry);
      if (cache.unpin(entry, context.nowEpochNs())) {
        failures.remove(entry);
      }
      context.rowFailed(pendingRow, 0, failure);
      return true;
    }
    if (entry != 0 && !cache.isKnown(entry)) {
      return false;
    }
    begin(pendingRow, 0, entry);
    if (entry != 0) {
      cache.unpin(entry, context.nowEpochNs());
    }
    return true;
  }

  private void begin(Batch batch, int at, long entry) {
    if (entry != 0) {
      cache.pin(entry);
    }
    pinned = entry;
    begun = answers.begin(batch, at, LookupCache.first(entry));
    if (!begun) {
      unpin();
    }
  }

  private boolean write(Output output) {
    if (!answers.write(output)) {
      return false;
    }
    begun = false;
    unpin();
    return true;
  }

  private void unpin() {
    if (pinned != 0) {
      cache.unpin(pinned, context.nowEpochNs());
      pinned = 0;
    }
  }

  /** Brings what was answered into the cache. */
  @Override
  public void answered(byte[] answer) {
    asked++;
    StateReader reader = new StateReader(answer);
    reader.section();
    long[] entries = new long[reader.getInt()];
    LaminarException[] failed = new LaminarException[entries.length];
    for (int i = 0; i < entries.length; i++) {
      tableProbe.lookAtKey(reader.getBlock());
      entries[i] = cache.answering(tableProbe.key());
      failed[i] = failure(reader.getText(), reader.getText());
    }
    while (reader.hasMore()) {
      tableRow.clear();
      TableValues.append(TableValues.read(reader, spec.join().right()), tableRow);
      tableProbe.look(tableRow, 0);
      cache.add(tableProbe);
    }
    for (int i = 0; i < entries.length; i++) {
      if (entries[i] == 0) {
        continue; // nobody waits for it
      }
      if (failed[i] == null) {
        cache.answered(entries[i], context.nowEpochNs());
      } else {
        cache.failed(entries[i]);
        failures.put(entries[i], failed[i]);
      }
    }
    questions.answered(entries.length);
    questions.send();
  }

  private static LaminarException failure(String problem, String mend) {
    return problem == null
        ? null
        : new LaminarException(ErrorCode.CONNECTOR_FAILED, problem).mend(mend);
  }

  @Override
  public Progress completed(Output output) {
    if (!drain(output) || !answers.flush(output)) {
      return Progress.BLOCKED;
    }
    cache.evict();
    return Progress.NEEDS_INPUT;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (!drain(output) || !answers.flush(output)) {
      return Progress.BLOCKED;
    }
    if (!pending.isEmpty()) {
      pending.addWatermark(watermarkNs);
      return Progress.NEEDS_INPUT;
    }
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public long stateRows() {
    return cache.rows() + pending.rows() + answers.count();
  }

  @Override
  public long stateBytes() {
    return cache.bytes() + pending.bytes() + answers.bytes();
  }

  @Override
  public String counters() {
    return "cache hits "
        + hits
        + ", misses "
        + misses
        + ", questions "
        + asked
        + ", rows in flight "
        + pending.rows();
  }

  @Override
  public Waiting waiting() {
    return pending.rows() == 0
        ? null
        : new Waiting(
            "answers of " + spec.table() + " for " + questions.keys() + " keys", Watermark.NONE);
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(PENDING);
    pending.snapshot(writer);
    answers.snapshot(writer, ANSWERS);
    cache.snapshot(writer, CACHE, CLOCK);
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(FAILURES);
    forEachWanted(
        entry -> {
          LaminarException failure = failures.get(entry);
          writer.putText(failure == null ? null : failure.problem());
          writer.putText(failure == null ? null : failure.mend());
        });
  }

  @Override
  public void restore(StateReader reader) {
    List<LaminarException> failed = new ArrayList<>(); // of each row that waits and has a key
    while (reader.hasSection()) {
      int keyGroup = reader.section();
      if (keyGroup == StateWriter.ANY_KEY_GROUP) {
        TablePages.read(reader); // of the cache
        continue;
      }
      switch ((int) reader.getLong()) {
        case PENDING -> pending.restore(reader);
        case ANSWERS -> answers.restore(keyGroup, reader);
        case CACHE -> cache.restore(reader);
        case CLOCK -> cache.restoreClock(reader);
        default -> {
          while (reader.hasMore()) {
            failed.add(failure(reader.getText(), reader.getText()));
          }
        }
      }
    }
    answers.finishRestore();
    cache.finishRestore();
    Iterator<LaminarException> next = failed.iterator();
    forEachWanted(
        entry -> {
          LaminarException failure = next.next();
          if (failure != null) {
            failures.put(entry, failure);
          }
        });
  }

  @Override
  public void close() {
    questions.close();
    answers.close();
    tableProbe.close();
    pendingRow.close();
    tableRow.close();
    pending.close();
    cache.close();
  }
}
