package io.laminardb.bench.nexmark;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.bench.nexmark.NexmarkEvents.Slice;
import io.laminardb.bench.nexmark.NexmarkEvents.Table;
import io.laminardb.core.runtime.Metrics;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Runs the queries of Nexmark over the same events, inline, and prints a JSON line for each: events a
 * second of elapsed and of processor time, medians of the rounds. An event is a row that is pushed to a
 * source the query reads. What comes out, less what is taken back, has the same checksum whether batches
 * are pushed whole or in pieces, or the program ends with 1.
 *
 * <pre>
 * NexmarkBench [--events 2000000] [--rounds 3] [--warmups 2] [Q0 Q1 ..]
 * </pre>
 */
public final class NexmarkBench {
  private static final PrintStream OUT = System.out;
  private static final long SEED = 20150715;
  private static final int PIECE = 100;
  private static final int WITHOUT_BIDS = 5; // times as many events, of which few are left
  private static final int SIDE_ROWS = 10_000;

  private final NexmarkEvents events;
  private final List<Slice> pieces;
  private boolean failed;

  private NexmarkBench(NexmarkEvents events, List<Slice> pieces) {
    this.events = events;
    this.pieces = pieces;
  }

  /** Exits with 1 where a query fails, or has two answers. */
  public static void main(String[] args) {
    long count = 2_000_000;
    int rounds = 3;
    int warmups = 2;
    List<NexmarkQuery> queries = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--events" -> count = Long.parseLong(args[++i]);
        case "--rounds" -> rounds = Integer.parseInt(args[++i]);
        case "--warmups" -> warmups = Integer.parseInt(args[++i]);
        default -> queries.add(NexmarkQuery.valueOf(args[i].toUpperCase(Locale.ROOT)));
      }
    }
    if (queries.isEmpty()) {
      queries = Arrays.asList(NexmarkQuery.values());
    }
    boolean failed;
    failed =
        !run(queries.stream().filter(NexmarkQuery::readsBids).toList(), count, rounds, warmups);
    failed |=
        !run(
            queries.stream().filter(query -> !query.readsBids()).toList(),
            WITHOUT_BIDS * count,
            rounds,
            warmups);
    System.exit(failed ? 1 : 0);
  }

  private static boolean run(List<NexmarkQuery> queries, long count, int rounds, int warmups) {
    if (queries.isEmpty()) {
      return true;
    }
    boolean bids = queries.get(0).readsBids();
    try (BufferAllocator allocator = new RootAllocator();
        NexmarkEvents events = new NexmarkEvents(count, bids, SEED, allocator)) {
      NexmarkBench bench = new NexmarkBench(events, pieces(events));
      for (NexmarkQuery query : queries) {
        bench.run(query, rounds, warmups);
      }
      bench.pieces.forEach(NexmarkBench::close);
      return !bench.failed;
    }
  }

  /** The first slices in pieces of few rows, in the order of time. */
  private static List<Slice> pieces(NexmarkEvents events) {
    List<Slice> pieces = new ArrayList<>();
    for (Slice slice : checked(events.slices())) {
      int most =
          Arrays.stream(slice.roots()).mapToInt(VectorSchemaRoot::getRowCount).max().orElse(0);
      int count = (most + PIECE - 1) / PIECE;
      for (int i = 0; i < count; i++) {
        VectorSchemaRoot[] roots = new VectorSchemaRoot[Table.values().length];
        for (Table table : Table.values()) {
          VectorSchemaRoot root = slice.root(table);
          int from = (int) ((long) root.getRowCount() * i / count);
          int to = (int) ((long) root.getRowCount() * (i + 1) / count);
          roots[table.ordinal()] = root.slice(from, to - from);
        }
        pieces.add(new Slice(roots));
      }
    }
    return pieces;
  }

  /** Those whose results are compared. */
  private static List<Slice> checked(List<Slice> slices) {
    return slices.subList(0, Math.min(slices.size(), 60));
  }

  private static void close(Slice slice) {
    for (VectorSchemaRoot root : slice.roots()) {
      root.close();
    }
  }

  private void run(NexmarkQuery query, int rounds, int warmups) {
    try {
      Result whole = run(query, checked(events.slices()), true);
      Result split = run(query, pieces, true);
      boolean equal = whole.checksum() == split.checksum();
      failed |= !equal;
      double[] seconds = new double[rounds];
      double[] cpu = new double[rounds];
      Result last = null;
      for (int round = -warmups; round < rounds; round++) {
        last = run(query, events.slices(), false);
        if (round >= 0) {
          seconds[round] = last.seconds();
          cpu[round] = last.cpuSeconds();
        }
      }
      Arrays.sort(seconds);
      Arrays.sort(cpu);
      long count = query.tables.stream().mapToLong(events::rows).sum();
      double perSecond = count / seconds[rounds / 2];
      double perCpuSecond = count / cpu[rounds / 2];
      OUT.printf(
          Locale.ROOT,
          "{\"query\":\"%s\",\"events\":%d,\"result_rows\":%d,\"events_per_s\":%.0f,"
              + "\"events_per_cpu_s\":%.0f,\"aim\":%d,\"reached\":%b,\"state_bytes\":%d,"
              + "\"checksum\":\"%016x\",\"equal\":%b}%n",
          query.name().toLowerCase(Locale.ROOT),
          count,
          last.rows(),
          perSecond,
          perCpuSecond,
          query.aim * 1_000_000,
          perCpuSecond >= query.aim * 1e6,
          last.stateBytes(),
          whole.checksum(),
          equal);
    } catch (RuntimeException e) {
      failed = true;
      OUT.printf(
          "{\"query\":\"%s\",\"error\":\"%s\"}%n",
          query.name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()).replace('"', '\''));
    }
  }

  private record Result(
      double seconds, double cpuSeconds, long rows, long checksum, long stateBytes) {}

  /** What the listener has seen. */
  private static final class Seen {
    private final boolean checks;
    private long rows;
    private long checksum;

    Seen(boolean checks) {
      this.checks = checks;
    }

    void accept(VectorSchemaRoot root) {
      rows += root.getRowCount();
      if (checks) {
        for (int row = 0; row < root.getRowCount(); row++) {
          checksum += checksum(root, row);
        }
      }
    }

    private static long checksum(VectorSchemaRoot root, int row) {
      long hash = 17;
      long weight = 1;
      for (FieldVector vector : root.getFieldVectors()) {
        if (vector.getName().equals("__weight")) {
          weight = ((BigIntVector) vector).get(row);
        } else {
          long value = vector.isNull(row) ? 0 : vector.hashCode(row);
          hash = (hash * 31 + value) * 0x9e3779b97f4a7c15L;
          hash ^= hash >>> 29;
        }
      }
      return hash * weight;
    }
  }

  private static Result run(NexmarkQuery query, List<Slice> slices, boolean checks) {
    try (LaminarDB db = LaminarDB.builder().memoryBudget(8L << 30).inline().build()) {
      for (Table table : query.tables) {
        db.execute(table.ddl());
      }
      if (query == NexmarkQuery.Q13) {
        fillSide(db);
      }
      db.execute("CREATE STREAM results AS " + query.sql);
      Seen seen = new Seen(checks);
      try (Subscription subscription = db.subscribeArrow("results", seen::accept)) {
        db.start();
        if (query == NexmarkQuery.Q13) {
          pushSide(db);
        }
        db.sync();
        List<Source> sources = query.tables.stream().map(t -> db.source(t.source())).toList();
        long cpuBefore = cpuNs();
        long start = System.nanoTime();
        for (Slice slice : slices) {
          for (int i = 0; i < sources.size(); i++) {
            VectorSchemaRoot root = slice.root(query.tables.get(i));
            if (root.getRowCount() > 0) {
              sources.get(i).push(root);
            }
          }
        }
        db.sync();
        long stateBytes = stateBytes(db);
        sources.forEach(Source::end);
        db.sync();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (cpuNs() - cpuBefore) / 1e9;
        subscription.poll(); // throws what the query failed of
        return new Result(seconds, cpuSeconds, seen.rows, seen.checksum, stateBytes);
      }
    }
  }

  private static long cpuNs() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long stateBytes(LaminarDB db) {
    return db.metrics().queries().stream().mapToLong(Metrics.QueryMetrics::stateBytes).sum();
  }

  private static void fillSide(LaminarDB db) {
    db.execute(
        "CREATE SOURCE side (side_key BIGINT PRIMARY KEY, note VARCHAR) WITH (changelog = 'upsert')");
  }

  private static void pushSide(LaminarDB db) {
    for (int i = 0; i < SIDE_ROWS; i++) {
      db.source("side").rows().begin().setLong(0, i).setString(1, "note " + i).endRow();
    }
  }
}
