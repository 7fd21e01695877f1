package io.laminardb.bench;

import io.laminardb.bench.QueryRun.Mode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Runs the whole-query workloads beside hand-written loops of the same job over the same columns, in
 * alternation, and prints one JSON line for each workload, feed and mode. What is compared are
 * medians; a checksum of the results that differs from the loop's ends the program with status 1.
 *
 * <p>{@code ratio} compares time; {@code cpu_ratio} processor time of the loop with that of the busiest
 * thread, which says on a machine with other work what time says on a quiet one. Both mean the loop for
 * symbols of at most 8 bytes; {@code any_length_cpu_ratio} means the loop for symbols of any length.
 *
 * <pre>
 * Bench [--rows 8000000] [--rounds 7] [--warmups 3] [--feeds arrow,coded,rows,records]
 *       [--modes inline,threaded,durable] [W1 W2 W2_1M W3 W4 W5 W6 W7 W9_LAG W9_TOP]
 * </pre>
 */
public final class Bench {
  private static final PrintStream OUT = System.out;

  private final int rounds;
  private final int warmups;
  private final Loops wordLoops = Loops.ofWords();
  private final Loops byteLoops = Loops.ofBytes();
  private boolean wrong;

  private Bench(int rounds, int warmups) {
    this.rounds = rounds;
    this.warmups = warmups;
  }

  /** Exits with 1 where results differ from the hand-written loop's. */
  public static void main(String[] args) {
    Arguments arguments =
        new Arguments(args, List.of("rows", "rounds", "warmups", "feeds", "modes"));
    Bench bench = new Bench(arguments.number("rounds", 7), arguments.number("warmups", 3));
    for (Workload workload : arguments.words(Workload.class)) {
      bench.run(
          workload,
          arguments.number("rows", 0),
          arguments.values("feeds", Feed.class),
          arguments.values("modes", Mode.class));
    }
    System.exit(bench.wrong ? 1 : 0);
  }

  private void run(Workload workload, int rows, List<Feed> feeds, List<Mode> modes) {
    List<Contender> contenders = new ArrayList<>();
    for (Feed feed : workload.joins() ? List.of(Feed.ARROW) : feeds) {
      for (Mode mode : modes) {
        contenders.add(new Contender(feed, mode));
      }
    }
    Data.Shape shape = rows > 0 ? workload.shape.withRows(rows) : workload.shape;
    try (BufferAllocator allocator = new RootAllocator();
        Data data = new Data(shape, allocator)) {
      for (int round = -warmups; round < rounds; round++) {
        for (Contender contender : contenders) {
          measure(workload, data, allocator, contender, round >= 0);
        }
      }
      for (Contender contender : contenders) {
        print(workload, data.rows(), contender);
      }
    }
  }

  /** A feed and a mode, and its samples beside those of the loop that ran just before. */
  private static final class Contender {
    final Feed feed;
    final Mode mode;
    final Samples loopSeconds = new Samples();
    final Samples loopCpuNs = new Samples();
    final Samples bytesLoopCpuNs = new Samples();
    final Samples pushCpuNs = new Samples();
    final Samples otherCpuNs = new Samples();
    final Samples busiestCpuNs = new Samples();
    final Samples journalBytes = new Samples();
    final Samples seconds = new Samples();
    final Samples allocated = new Samples();
    QueryRun last;
    boolean equal = true;

    Contender(Feed feed, Mode mode) {
      this.feed = feed;
      this.mode = mode;
    }
  }

  private void measure(
      Workload workload,
      Data data,
      BufferAllocator allocator,
      Contender contender,
      boolean counts) {
    long cpuBefore = Threads.ownCpuNs();
    long start = System.nanoTime();
    long expected = workload.byHand(wordLoops, data, allocator);
    double loopSeconds = (System.nanoTime() - start) / 1e9;
    double loopCpuNs = Threads.ownCpuNs() - cpuBefore;
    cpuBefore = Threads.ownCpuNs();
    if (workload.byHand(byteLoops, data, allocator) != expected) {
      throw new IllegalStateException("the loops differ in " + workload);
    }
    double bytesLoopCpuNs = Threads.ownCpuNs() - cpuBefore;
    QueryRun run = QueryRun.run(workload, data, contender.feed, contender.mode);
    contender.last = run;
    if (run.checksum() != expected) {
      contender.equal = false;
      wrong = true;
      System.err.printf(
          Locale.ROOT,
          "WRONG RESULT: %s %s %s has checksum %x, the loop %x%n",
          workload,
          contender.feed,
          contender.mode,
          run.checksum(),
          expected);
    }
    if (counts) {
      contender.loopSeconds.add(loopSeconds);
      contender.seconds.add(run.seconds());
      contender.loopCpuNs.add(loopCpuNs / data.rows());
      contender.bytesLoopCpuNs.add(bytesLoopCpuNs / data.rows());
      contender.pushCpuNs.add((double) run.pushCpuNs() / data.rows());
      contender.otherCpuNs.add((double) run.otherCpuNs() / data.rows());
      contender.journalBytes.add((double) run.journalBytes() / data.rows());
      contender.busiestCpuNs.add(
          (double) Math.max(run.pushCpuNs(), run.otherCpuNs()) / data.rows());
      contender.allocated.add((double) run.allocatedBytes() / data.rows());
    }
  }

  private void print(Workload workload, long rows, Contender contender) {
    double seconds = contender.seconds.median();
    double loopSeconds = contender.loopSeconds.median();
    OUT.printf(
        Locale.ROOT,
        "{\"workload\":\"%s\",\"title\":\"%s\",\"feed\":\"%s\",\"mode\":\"%s\",\"rows\":%d,"
            + "\"result_rows\":%d,\"seconds\":%.4f,\"rows_per_s\":%.0f,\"loop_rows_per_s\":%.0f,"
            + "\"ratio\":%.3f,\"loop_cpu_ns_per_row\":%.1f,\"push_cpu_ns_per_row\":%.1f,"
            + "\"other_cpu_ns_per_row\":%.1f,\"journal_bytes_per_row\":%.1f,\"busiest_cpu_ns_per_row\":%.1f,\"cpu_ratio\":%.3f,"
            + "\"any_length_loop_cpu_ns_per_row\":%.1f,\"any_length_cpu_ratio\":%.3f,\"allocated_bytes_per_row\":%.3f,\"checksum\":\"%016x\","
            + "\"equal\":%b}%n",
        workload,
        workload.title,
        contender.feed.name().toLowerCase(Locale.ROOT),
        contender.mode.name().toLowerCase(Locale.ROOT),
        rows,
        contender.last.resultRows(),
        seconds,
        rows / seconds,
        rows / loopSeconds,
        loopSeconds / seconds,
        contender.loopCpuNs.median(),
        contender.pushCpuNs.median(),
        contender.otherCpuNs.median(),
        contender.journalBytes.median(),
        contender.busiestCpuNs.median(),
        contender.loopCpuNs.median() / contender.busiestCpuNs.median(),
        contender.bytesLoopCpuNs.median(),
        contender.bytesLoopCpuNs.median() / contender.busiestCpuNs.median(),
        contender.allocated.median(),
        contender.last.checksum(),
        contender.equal);
  }
}
