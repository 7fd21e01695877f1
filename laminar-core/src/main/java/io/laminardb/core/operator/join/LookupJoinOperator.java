package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupOptions;
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
import io.laminardb.core.time.Watermark;
import java.util.HashMap;
import java.util.Map;

/**
 * Joins each row with the rows of a table outside that have its key. What is not in the cache is asked
 * for in the background; meanwhile rows wait, and those behind them, too, so that answers come in the
 * order of the rows, and watermarks between them. When too many wait, the input is held back.
 *
 * <p>Of a snapshot, rows that wait are part: after a restore their keys are asked for again. The cache is
 * none.
 */
public final class LookupJoinOperator implements Operator {
  private static final int PENDING = 0; // tags of sections
  private static final int ANSWERS = 1;

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
  private final Map<Long, LaminarException> failures = new HashMap<>(); // by entry of the cache

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
    takeAnswers();
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
    questions.send(cache);
    if (!answers.flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
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
    if (pending.rows() >= options.maxInFlight()) {
      questions.send(cache);
      answers.flush(output);
      return false;
    }
    boolean hasKey = answers.look(batch, row);
    if (hasKey) {
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
      Object[] key = new Object[keyColumns.length];
      for (int i = 0; i < key.length; i++) {
        key[i] = LookupValues.get(batch.column(keyColumns[i]), at);
      }
      cache.asked(entry, 0);
      questions.add(entry, key);
    } else {
      hits++;
    }
    cache.pin(entry);
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
    cache.evict();
    return true;
  }

  /** Begins with the first one that waits; false when its answer is not known yet. */
  private boolean beginFirst() {
    pending.read(pendingRow);
    boolean hasKey = answers.look(pendingRow, 0);
    long entry = hasKey ? cache.entry(answers.key(), context.nowEpochNs()) : 0;
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
  private void takeAnswers() {
    LookupQuestions.Question question;
    while ((question = questions.poll()) != null) {
      asked++;
      for (Object[] values : question.rows()) {
        tableRow.clear();
        LookupValues.append(values, tableRow);
        tableProbe.look(tableRow, 0);
        cache.add(tableProbe, question.id);
      }
      for (int i = 0; i < question.size(); i++) {
        LaminarException failure = question.failure(i);
        if (failure == null) {
          cache.answered(question.entry(i), context.nowEpochNs());
        } else {
          cache.failed(question.entry(i));
          failures.put(question.entry(i), failure);
        }
      }
      questions.send(cache);
    }
  }

  @Override
  public Progress completed(Output output) {
    takeAnswers();
    return drain(output) && answers.flush(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    takeAnswers();
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
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      int keyGroup = reader.section();
      if (reader.getLong() == ANSWERS) {
        answers.restore(keyGroup, reader);
      } else {
        pending.restore(reader);
      }
    }
    answers.finishRestore();
    pending.forEach(
        pendingRow,
        () -> {
          if (answers.look(pendingRow, 0)) {
            want(pendingRow, 0);
          }
        });
    questions.send(cache);
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
