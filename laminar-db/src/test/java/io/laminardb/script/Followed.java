package io.laminardb.script;

import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscriber;
import io.laminardb.Subscription;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.script.Content.Weighted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A stream that is followed: what came since the last look, and all that came. */
public final class Followed {
  final List<Weighted> fresh = new ArrayList<>();
  public final List<Weighted> all = new ArrayList<>();
  private final String stream;
  private final String subscriber; // the name of a durable subscription, or null
  private final List<Weighted> numbered = new ArrayList<>(); // rows by number - 1
  private final Rows live;
  private Subscription subscription;

  private Followed(String stream, String subscriber, Subscription subscription, Rows live) {
    this.stream = stream;
    this.subscriber = subscriber;
    this.subscription = subscription;
    this.live = live;
  }

  static Followed live(Rows rows) {
    return new Followed(null, null, null, rows);
  }

  public static Followed plain(LaminarDB db, String stream) {
    return new Followed(stream, null, db.subscribe(stream), null);
  }

  /** By a name, over crashes. */
  public static Followed durable(LaminarDB db, String stream, String subscriber) {
    return new Followed(
        stream, subscriber, db.subscribe(stream, Subscriber.durable(subscriber)), null);
  }

  Schema schema() {
    return live != null ? live.schema() : subscription.schema();
  }

  boolean isLive() {
    return live != null;
  }

  /** Whether nothing comes any more, and everything was taken. */
  boolean isEnded() {
    return subscription != null && subscriber == null && subscription.isEnded();
  }

  public void take() {
    if (subscription instanceof DurableSubscription durable) {
      takeNumbered(durable);
      return;
    }
    List<Weighted> rows = Content.of(live != null ? live.drain() : subscription.drain());
    fresh.addAll(rows);
    all.addAll(rows);
  }

  /** Rows of numbers that were here before have to be the same; the others have to follow on. */
  private void takeNumbered(DurableSubscription durable) {
    List<Row> rows;
    try {
      rows = durable.drain();
    } catch (LaminarException e) {
      if (fresh.isEmpty()) {
        throw e;
      }
      return; // of a look before: rows come first
    }
    long number = durable.sequence() - rows.size();
    for (Weighted row : Content.of(rows)) {
      number++;
      if (number <= numbered.size()) {
        Weighted before = numbered.get((int) number - 1);
        if (before.weight() != row.weight() || !Arrays.deepEquals(before.values(), row.values())) {
          throw new AssertionError(
              "row " + number + " of " + stream + " was " + before + " and is " + row);
        }
      } else if (number == numbered.size() + 1) {
        numbered.add(row);
        fresh.add(row);
        all.add(row);
      } else {
        throw new AssertionError(
            "row " + number + " of " + stream + " comes after row " + numbered.size());
      }
    }
  }

  /** Takes and acknowledges what chance says, before the database ends. */
  public void beforeCrash(Random random) {
    DurableSubscription durable = (DurableSubscription) subscription;
    int what = random.nextInt(4);
    if (what > 0) {
      try {
        takeNumbered(durable);
      } catch (LaminarException e) {
        // The query has failed: whoever looks is told.
      }
    }
    if (what > 1) {
      long rest = durable.sequence() - durable.acknowledged();
      durable.ack(durable.sequence() - (what == 2 ? (long) (rest * random.nextDouble()) : 0));
    }
  }

  /** Follows the database that was opened again. */
  public void afterCrash(LaminarDB db) {
    subscription = db.subscribe(stream, Subscriber.durable(subscriber));
  }

  /** Follows without a name, which keeps nobody from dropping the stream, from the next row on. */
  void letGo(LaminarDB db) {
    take();
    subscription.close();
    db.execute("DROP SUBSCRIPTION \"" + subscriber + "\"");
    subscription = db.subscribe(stream);
    subscription.drain(); // what it holds was here before
  }

  /**
   * Follows by its name again, from the next row on.
   *
   * @return false where the stream was dropped
   */
  boolean holdAgain(LaminarDB db) {
    try {
      take();
      db.schema(stream);
      if (!subscription.isEnded()) {
        subscription.poll(); // throws where it was dropped
      }
    } catch (LaminarException e) {
      if (e.code() == ErrorCode.CLOSED || e.code() == ErrorCode.OBJECT_NOT_FOUND) {
        return false;
      }
    }
    subscription.close();
    afterCrash(db);
    numbered.clear();
    try {
      subscription.drain().forEach(row -> numbered.add(Content.of(List.of(row)).get(0)));
    } catch (LaminarException e) {
      // The query has failed: whoever looks is told.
    }
    return true;
  }

  void close() {
    if (subscription != null) {
      subscription.close();
    }
  }
}
