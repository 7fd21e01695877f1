package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Output;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A stream's fan-out: lends every batch to each consumer in turn. A cursor remembers who has had the
 * batch in flight, so that after a refusal only the others are asked again.
 */
final class StreamOutput implements Output {
  private static final StreamConsumer[] NOBODY = {};

  final String name;
  final Schema schema;
  ViewContent content; // null unless the stream's present is kept
  Present present; // what late readers get first; null where that is nothing
  private StreamConsumer[] consumers = NOBODY;
  private long[] since = {}; // the demand that each consumer's rows begin with
  private long demand; // for which the rows at present were read
  private long demanded; // for which the rows of those who are added now are read
  private int cursor;
  private long watermark = Watermark.NONE;
  private boolean hasPromise;
  private long promiseNs = Watermark.NONE;
  private LaminarException failure;
  private Difference difference; // what readers get before the rows of a new query; or null
  private long rows;
  private long batches;

  StreamOutput(String name, Schema schema) {
    this.name = name;
    this.schema = schema;
  }

  @Override
  public boolean offer(Batch batch) {
    if (batch.size() == 0) {
      return true;
    }
    if (difference != null) {
      difference.add(batch);
      return true;
    }
    return give(batch);
  }

  private boolean give(Batch batch) {
    for (; cursor < consumers.length; cursor++) {
      if (since[cursor] <= demand && !consumers[cursor].offer(batch)) {
        return false;
      }
    }
    cursor = 0;
    rows += batch.size();
    batches++;
    return true;
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (difference != null) {
      difference.watermark(watermarkNs);
      return true;
    }
    // A query that took the place of another one may be behind: its readers are not told.
    return isBehind(watermarkNs) || giveWatermark(watermarkNs);
  }

  private boolean isBehind(long watermarkNs) {
    return watermarkNs < watermark && watermarkNs > Watermark.IDLE;
  }

  private boolean giveWatermark(long watermarkNs) {
    for (; cursor < consumers.length; cursor++) {
      if (!consumers[cursor].watermark(watermarkNs)) {
        return false;
      }
    }
    cursor = 0;
    watermark = watermarkNs;
    return true;
  }

  /** Gathers what comes until {@link #passDifference}, so that readers get only what has changed. */
  void gather(Difference changes) {
    difference = changes;
  }

  /** Whether readers have still to get what a new query has changed. */
  boolean isGathering() {
    return difference != null;
  }

  /** Gives readers what was gathered, if anything; false for back-pressure. */
  boolean passDifference() {
    if (difference == null) {
      return true;
    }
    for (Batch batch; (batch = difference.next()) != null; difference.passed()) {
      if (!give(batch)) {
        return false;
      }
    }
    long last = difference.watermark();
    if (last != Watermark.NONE && !isBehind(last) && !giveWatermark(last)) {
      return false;
    }
    endGathering();
    return true;
  }

  private void endGathering() {
    if (difference != null) {
      difference.close();
      difference = null;
    }
  }

  /** Adds a consumer, between batches; it misses a batch in flight that others have had. */
  void add(StreamConsumer consumer) {
    add(consumer, demanded);
  }

  /** As above, with the demand that its rows begin with. */
  void add(StreamConsumer consumer, long from) {
    int at = cursor > 0 ? cursor : consumers.length;
    StreamConsumer[] more = new StreamConsumer[consumers.length + 1];
    System.arraycopy(consumers, 0, more, 0, at);
    more[at] = consumer;
    System.arraycopy(consumers, at, more, at + 1, consumers.length - at);
    consumers = more;
    since = withSince(at, from);
    if (cursor > 0) {
      cursor++;
    }
    if (failure != null) {
      consumer.failed(failure);
    }
  }

  /** Removes a consumer, between batches; a batch in flight goes on to the others. */
  void remove(StreamConsumer consumer) {
    for (int at = 0; at < consumers.length; at++) {
      if (consumers[at] == consumer) {
        StreamConsumer[] fewer = new StreamConsumer[consumers.length - 1];
        System.arraycopy(consumers, 0, fewer, 0, at);
        System.arraycopy(consumers, at + 1, fewer, at, fewer.length - at);
        consumers = fewer;
        long[] left = Arrays.copyOf(since, fewer.length);
        System.arraycopy(since, at + 1, left, at, fewer.length - at);
        since = left;
        if (at < cursor) {
          cursor--;
        }
        return;
      }
    }
  }

  /** Keeps the present content from now on, nothing being in flight; it is the first to see a batch. */
  void keep(ViewContent kept) {
    content = kept;
    present = kept;
    StreamConsumer[] more = new StreamConsumer[consumers.length + 1];
    more[0] = kept;
    System.arraycopy(consumers, 0, more, 1, consumers.length);
    consumers = more;
    since = withSince(0, 0);
  }

  private long[] withSince(int at, long number) {
    long[] more = new long[since.length + 1];
    System.arraycopy(since, 0, more, 0, at);
    more[at] = number;
    System.arraycopy(since, at, more, at + 1, since.length - at);
    return more;
  }

  /**
   * Lets rows that were read for an earlier demand pass by those who are added from now on; watermarks
   * do not.
   */
  void demanded(long number) {
    demanded = number;
  }

  long demanded() {
    return demanded;
  }

  /** The rows that follow were read for the next demand. */
  void nextDemand() {
    demand++;
  }

  /** Whether rows that were read for an earlier demand than the last may still come. */
  boolean awaitsDemand() {
    return demand < demanded;
  }

  /** The demand that the rows of a query, of the first of its inputs that reads this, begin with. */
  long since(Query query) {
    for (int i = 0; i < consumers.length; i++) {
      if (consumers[i] instanceof InputPort port && port.node.query == query) {
        return since[i];
      }
    }
    return demanded;
  }

  /** The demand that the rows of a reader begin with. */
  long since(InputPort reader) {
    return since[Arrays.asList(consumers).indexOf(reader)];
  }

  /** Goes on counting where another one has ended, which the same operator gave its rows to. */
  void continues(StreamOutput former) {
    rows = former.rows;
    batches = former.batches;
    watermark = former.watermark;
  }

  /** Frees what is kept. */
  void release() {
    endGathering();
    if (content != null) {
      remove(content);
      content.close();
      content = null;
      present = null;
    }
  }

  /** Whether somebody has had the batch or watermark that others have still to take. */
  boolean isInFlight() {
    return cursor > 0;
  }

  /** Tells everybody that no more rows come. */
  void fail(LaminarException newFailure) {
    failure = newFailure;
    endGathering();
    for (StreamConsumer consumer : consumers) {
      consumer.failed(newFailure);
    }
  }

  LaminarException failure() {
    return failure;
  }

  /**
   * Refuses a reader that would miss rows for good.
   *
   * @throws LaminarException of the code of the failure, where what writes to this stream has failed
   */
  void checkAlive() {
    if (failure != null) {
      throw new LaminarException(
          failure.code(),
          "input \"" + name + "\" gives no more rows: " + failure.problem(),
          failure);
    }
  }

  boolean flushConsumers() {
    boolean done = true;
    for (StreamConsumer consumer : consumers) {
      done &= consumer.flush();
    }
    return done;
  }

  StreamConsumer[] consumers() {
    return consumers;
  }

  long watermark() {
    return watermark;
  }

  /** The watermark that a new reader is told. */
  long watermarkOfNewcomers() {
    boolean isTime = watermark != Watermark.IDLE && watermark != Watermark.END;
    return isTime && hasPromise ? promiseNs : watermark;
  }

  /** From now on new readers are told this, as the watermark speaks of keys that are known so far. */
  void promise(long watermarkNs) {
    hasPromise = true;
    promiseNs = watermarkNs;
  }

  /** Writes how much it has given and in which order its readers get it. */
  void snapshot(StateWriter writer) {
    writer.putLong(rows);
    writer.putLong(batches);
    writer.putLong(watermark);
    List<String> readers = readers();
    writer.putInt(readers.size());
    readers.forEach(writer::putText);
  }

  /** Becomes what was written; who was no reader then comes last. */
  void restore(StateReader reader) {
    rows = reader.getLong();
    batches = reader.getLong();
    watermark = reader.getLong();
    List<String> readers = new ArrayList<>();
    for (int count = reader.getInt(); count > 0; count--) {
      readers.add(reader.getText());
    }
    StreamConsumer[] sorted = consumers.clone();
    Arrays.sort(
        sorted,
        Comparator.comparingInt(
            consumer -> {
              if (!(consumer instanceof InputPort port)) {
                return consumer == content ? -1 : Integer.MAX_VALUE;
              }
              int place = readers.indexOf(port.id());
              return place < 0 ? Integer.MAX_VALUE - 1 : place;
            }));
    long[] sinces = new long[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      sinces[i] = since[Arrays.asList(consumers).indexOf(sorted[i])];
    }
    consumers = sorted;
    since = sinces;
  }

  private List<String> readers() {
    List<String> readers = new ArrayList<>();
    for (StreamConsumer consumer : consumers) {
      if (consumer instanceof InputPort port) {
        readers.add(port.id());
      }
    }
    return readers;
  }

  void restoreWatermark(long watermarkNs) {
    watermark = watermarkNs;
  }

  long rows() {
    return rows;
  }

  long batches() {
    return batches;
  }
}
