package io.laminardb.bench;

import io.laminardb.bench.LatencyTarget.Kind;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * Open loop: events come at a fixed rate, whether or not the last one is done, and a result's latency
 * counts from when its event was due ({@code due_}): waiting in line is measured too (no coordinated
 * omission). Latency since the push itself ({@code push_}) leaves out that the machine stalled before.
 * The database, inline and threaded with a spinning reactor, and a hand-written push, map update and
 * callback, on the same thread and behind a ring, take turns of a second each; one JSON line for each
 * query and contender.
 *
 * <pre>
 * LatencyBench [--rate 100000] [--seconds 10] [--warmups 15] [--modes loop,ring,inline,threaded]
 *              [running] [window]
 * </pre>
 */
public final class LatencyBench {
  private static final PrintStream OUT = System.out;

  /** The queries. */
  enum Query {
    /** Filter and running aggregate: each event that passes gives a change. */
    RUNNING,
    /** W2 with 100 keys: an event a window closes it, its last result counts. */
    WINDOW
  }

  /** Who answers. */
  enum Mode {
    LOOP,
    RING,
    INLINE,
    THREADED;

    LatencyTarget target(Kind kind, Events events) {
      return switch (this) {
        case LOOP -> new LatencyLoop(kind, events);
        case RING -> new LatencyRing(kind, events);
        case INLINE -> new LatencyDatabase(kind, events, true);
        case THREADED -> new LatencyDatabase(kind, events, false);
      };
    }
  }

  private final int rate;

  private LatencyBench(int rate) {
    this.rate = rate;
  }

  /** Runs all queries, or those named. */
  public static void main(String[] args) {
    Arguments arguments = new Arguments(args, List.of("rate", "seconds", "warmups", "modes"));
    LatencyBench bench = new LatencyBench(arguments.number("rate", 100_000));
    int seconds = arguments.number("seconds", 10);
    int warmups = arguments.number("warmups", 15);
    for (Query query : arguments.words(Query.class)) {
      bench.run(query, arguments.values("modes", Mode.class), seconds, warmups);
    }
  }

  /** Events of one second: made before, so that a turn makes none. */
  static final class Events {
    static final int KEYS = 100;
    static final int ROWS_PER_WINDOW = 1_000;
    static final String[] SYMBOLS = new String[KEYS];
    final int count;
    final int[] keys;
    final long[] volumes;

    static {
      for (int i = 0; i < KEYS; i++) {
        SYMBOLS[i] = "S" + (1000 + i);
      }
    }

    Events(int count) {
      this.count = count;
      keys = new int[count];
      volumes = new long[count];
      SplittableRandom random = new SplittableRandom(7);
      for (int i = 0; i < count; i++) {
        keys[i] = random.nextInt(KEYS);
        volumes[i] = 1 + random.nextInt(1000);
      }
    }
  }

  private void run(Query query, List<Mode> modes, int seconds, int warmups) {
    Events events = new Events(rate);
    List<LatencyTarget> targets = new ArrayList<>();
    List<Latencies> latencies = new ArrayList<>();
    for (Mode mode : modes) {
      Kind kind = query == Query.RUNNING ? Kind.RUNNING : Kind.WINDOW;
      targets.add(mode.target(kind, events));
      latencies.add(new Latencies());
    }
    try {
      for (int turn = -warmups; turn < seconds; turn++) {
        for (int i = 0; i < targets.size(); i++) {
          turn(targets.get(i), events, turn < 0 ? new Latencies() : latencies.get(i));
        }
      }
    } finally {
      targets.forEach(LatencyTarget::close);
    }
    for (int i = 0; i < targets.size(); i++) {
      print(query, modes.get(i), latencies.get(i));
    }
  }

  private void turn(LatencyTarget target, Events events, Latencies latencies) {
    long interval = 1_000_000_000L / rate;
    long start = System.nanoTime() + 1_000_000; // by then a thread that rested is awake
    target.begin(latencies, start, interval);
    for (int i = 0; i < events.count; i++) {
      long due = start + i * interval;
      long now;
      while ((now = System.nanoTime()) < due) {
        Thread.onSpinWait();
      }
      target.push(i, Events.SYMBOLS[events.keys[i]], events.volumes[i], now);
    }
    target.finish();
  }

  private void print(Query query, Mode mode, Latencies latencies) {
    OUT.printf(
        Locale.ROOT,
        "{\"query\":\"%s\",\"mode\":\"%s\",\"events_per_s\":%d,\"results\":%d,%s,%s}%n",
        query.name().toLowerCase(Locale.ROOT),
        mode.name().toLowerCase(Locale.ROOT),
        rate,
        latencies.sinceDue.getTotalCount(),
        percentiles("due", latencies.sinceDue),
        percentiles("push", latencies.sincePush));
  }

  private static String percentiles(String name, Histogram histogram) {
    return String.format(
        Locale.ROOT,
        "\"%1$s_p50_us\":%2$.2f,\"%1$s_p90_us\":%3$.2f,\"%1$s_p99_us\":%4$.2f,"
            + "\"%1$s_p999_us\":%5$.2f,\"%1$s_max_us\":%6$.2f",
        name,
        histogram.getValueAtPercentile(50) / 1e3,
        histogram.getValueAtPercentile(90) / 1e3,
        histogram.getValueAtPercentile(99) / 1e3,
        histogram.getValueAtPercentile(99.9) / 1e3,
        histogram.getMaxValue() / 1e3);
  }
}
