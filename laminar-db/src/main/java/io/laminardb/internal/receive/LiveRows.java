package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The rows of a running query; closing drops it. */
public final class LiveRows extends Rows {
  private static final Duration WAIT = Duration.ofMillis(100);

  private final Subscription subscription;
  private final Runnable drop;
  private volatile boolean closed;

  /**
   * @param drop drops the query behind the subscription; called once, after that is closed
   */
  public LiveRows(Subscription subscription, Runnable drop) {
    super(subscription.schema());
    this.subscription = subscription;
    this.drop = drop;
  }

  @Override
  public boolean isLive() {
    return true;
  }

  @Override
  public Row next(Duration timeout) {
    if (closed) {
      return null;
    }
    try {
      return timeout.isZero() ? subscription.poll() : subscription.poll(timeout);
    } catch (LaminarException e) {
      if (closed) {
        return null; // by another thread, meanwhile: the end
      }
      throw e;
    }
  }

  /** The rows that wait now; those that come meanwhile may never end. */
  @Override
  public List<Row> drain() {
    return closed ? List.of() : subscription.drain();
  }

  @Override
  public Iterator<Row> iterator() {
    return new Iterator<>() {
      private Row next;

      @Override
      public boolean hasNext() {
        while (next == null && !closed && !subscription.isEnded()) {
          next = LiveRows.this.next(WAIT);
          if (Thread.currentThread().isInterrupted()) {
            return next != null;
          }
        }
        if (next == null && !closed) {
          next = LiveRows.this.next(Duration.ZERO); // throws where it ended by a failure
        }
        return next != null;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException("the query has ended");
        }
        Row row = next;
        next = null;
        return row;
      }
    };
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    subscription.close();
    drop.run();
  }
}
