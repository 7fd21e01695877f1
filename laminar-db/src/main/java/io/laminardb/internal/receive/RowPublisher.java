package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A stream as a {@link Flow.Publisher}. Every subscriber follows from its own subscription on, on a
 * thread of its own, which takes rows as far as they were requested: what is not requested waits,
 * and at last holds the query back.
 */
public final class RowPublisher implements Flow.Publisher<Row> {
  private static final Duration WAIT = Duration.ofMillis(20);

  private final String name;
  private final Supplier<Subscription> subscribe;

  public RowPublisher(String name, Supplier<Subscription> subscribe) {
    this.name = name;
    this.subscribe = subscribe;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Row> subscriber) {
    Feed feed = new Feed(subscriber, subscribe.get());
    Thread thread = new Thread(feed, "laminar-publisher-" + name);
    thread.setDaemon(true);
    feed.thread = thread;
    thread.start();
  }

  /** Feeds one subscriber. */
  private static final class Feed implements Runnable, Flow.Subscription {
    private final Flow.Subscriber<? super Row> subscriber;
    private final Subscription rows;
    private final AtomicLong requested = new AtomicLong();
    private volatile boolean cancelled;
    private volatile boolean badRequest;
    private volatile Thread thread;

    Feed(Flow.Subscriber<? super Row> subscriber, Subscription rows) {
      this.subscriber = subscriber;
      this.rows = rows;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        badRequest = true;
      } else {
        requested.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      }
      LockSupport.unpark(thread);
    }

    @Override
    public void cancel() {
      cancelled = true;
      LockSupport.unpark(thread);
    }

    @Override
    public void run() {
      try (rows) {
        subscriber.onSubscribe(this);
        feed();
      } catch (LaminarException e) {
        if (!cancelled) {
          subscriber.onError(e);
        }
      }
    }

    private void feed() {
      while (!cancelled) {
        if (badRequest) {
          subscriber.onError(new IllegalArgumentException("request(n) needs a positive n"));
          return;
        }
        if (rows.isEnded()) {
          rows.poll(); // throws where it ended by a failure
          subscriber.onComplete();
          return;
        }
        if (requested.get() == 0) {
          LockSupport.parkNanos(this, WAIT.toNanos());
          continue;
        }
        Row row = rows.poll(WAIT);
        if (row != null) {
          requested.decrementAndGet();
          subscriber.onNext(row);
        }
      }
    }
  }
}
