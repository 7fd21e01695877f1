package io.laminardb.internal.receive;

import io.laminardb.DurableSubscription;
import io.laminardb.Row;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Subscription.State;
import io.laminardb.core.runtime.SubscriptionReader;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** A durable subscription: rows are taken as of any other, and counted. */
public final class NumberedRows implements DurableSubscription {
  private final String name;
  private final SubscriptionReader reader;
  private final PulledSubscription rows;
  private volatile long sequence;

  public NumberedRows(String name, SubscriptionReader reader) {
    this.name = name;
    this.reader = reader;
    this.rows = new PulledSubscription(reader);
    this.sequence = reader.next() - 1;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Schema schema() {
    return rows.schema();
  }

  @Override
  public List<Row> drain() {
    return counted(rows::drain);
  }

  @Override
  public <T> List<T> drain(Class<T> type) {
    return counted(() -> rows.drain(type));
  }

  @Override
  public Row poll() {
    return countedOne(rows::poll);
  }

  @Override
  public Row poll(Duration timeout) {
    return countedOne(() -> rows.poll(timeout));
  }

  private <T> List<T> counted(Supplier<List<T>> take) {
    List<T> taken = orAgain(take);
    sequence = sequence + taken.size();
    return taken;
  }

  private Row countedOne(Supplier<Row> take) {
    Row taken = orAgain(take);
    if (taken != null) {
      sequence = sequence + 1;
    }
    return taken;
  }

  /** What could not be given is not given: it comes again. */
  private <T> T orAgain(Supplier<T> take) {
    try {
      reader.checkOpen(); // rows that were fetched are another follower's now
      return take.get();
    } catch (RuntimeException e) {
      rows.forget();
      reader.continueAt(sequence + 1);
      throw e;
    }
  }

  @Override
  public boolean isEnded() {
    return reader.state() == State.CLOSED || rows.isEnded();
  }

  @Override
  public long droppedRows() {
    return 0;
  }

  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public long acknowledged() {
    return reader.acknowledged();
  }

  @Override
  public void ack(long number) {
    long given = sequence;
    if (number > given) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "row "
                  + number
                  + " of subscription \""
                  + name
                  + "\" was not given yet, "
                  + given
                  + " was the last.")
          .mend("Acknowledge rows that were given: sequence() is the last one's number.");
    }
    reader.acknowledge(number);
  }

  @Override
  public void ack() {
    ack(sequence);
  }

  @Override
  public void close() {
    rows.close();
  }
}
