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
  private int cursor;
  private long watermark = Watermark.NONE;
  private LaminarException failure;
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
    for (; cursor < consumers.length; cursor++) {
      if (!consumers[cursor].offer(batch)) {
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
    for (; cursor < consumers.length; cursor++) {
      if (!consumers[cursor].watermark(watermarkNs)) {
        return false;
      }
    }
    cursor = 0;
    watermark = watermarkNs;
    return true;
  }

  /** Adds a consumer, between batches; it misses a batch in flight that others have had. */
  void add(StreamConsumer consumer) {
    int at = cursor > 0 ? cursor : consumers.length;
    StreamConsumer[] more = new StreamConsumer[consumers.length + 1];
    System.arraycopy(consumers, 0, more, 0, at);
    more[at] = consumer;
    System.arraycopy(consumers, at, more, at + 1, consumers.length - at);
    consumers = more;
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
  }

  /** Frees what is kept. */
  void release() {
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
    for (StreamConsumer consumer : consumers) {
      consumer.failed(newFailure);
    }
  }

  LaminarException failure() {
    return failure;
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
    consumers = sorted;
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
