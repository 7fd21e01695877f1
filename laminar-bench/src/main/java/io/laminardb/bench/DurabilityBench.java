package io.laminardb.bench;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.DurabilityMode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What durability costs: how long opening takes, how long the engine stands still at most at once for a
 * checkpoint of which a tenth of the keys has changed, how much of it is written, and how long a push
 * waits for the disk, beside what the disk itself takes. A JSON line for each.
 *
 * <pre>
 * DurabilityBench [--keys 1000000] [--warmups 5] [--checkpoints 100] [--pushes 500]
 * </pre>
 */
public final class DurabilityBench {
  private static final PrintStream OUT = System.out;
  private static final String SOURCE =
      "CREATE SOURCE trades (k BIGINT NOT NULL, v BIGINT NOT NULL)";
  private static final String SUMS =
      "CREATE STREAM sums AS SELECT k, SUM(v) AS s, COUNT(*) AS c FROM trades GROUP BY k";

  private DurabilityBench() {}

  public static void main(String[] args) throws IOException {
    Arguments arguments = new Arguments(args, List.of("keys", "warmups", "checkpoints", "pushes"));
    int keys = arguments.number("keys", 1_000_000);
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      checkpoints(
          directory.path().resolve("db"),
          keys,
          arguments.number("warmups", 5),
          arguments.number("checkpoints", 100));
    }
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      pushes(directory.path(), arguments.number("pushes", 500));
    }
  }

  private static LaminarDB.Builder builder(Path directory) {
    return LaminarDB.builder()
        .memoryBudget(8L << 30)
        .storageDir(directory)
        .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
  }

  private static void checkpoints(Path directory, int keys, int warmups, int checkpoints) {
    double[] pauseMs = new double[checkpoints];
    double[] tookMs = new double[checkpoints];
    long bytes = 0;
    try (LaminarDB db = builder(directory).build()) {
      db.execute(SOURCE + "; " + SUMS);
      db.start();
      push(db, keys, i -> i);
      db.checkpoint();
      Random random = new Random(1);
      for (int i = -warmups; i < checkpoints; i++) {
        push(db, keys / 10, any -> random.nextInt(keys));
        CheckpointInfo taken = db.checkpoint();
        if (i < 0) {
          continue;
        }
        pauseMs[i] = taken.pauseNs() / 1e6;
        tookMs[i] = taken.durationNs() / 1e6;
        bytes += taken.writtenBytes();
      }
    }
    Arrays.sort(pauseMs);
    Arrays.sort(tookMs);
    OUT.printf(
        Locale.ROOT,
        "{\"measure\":\"checkpoint\",\"keys\":%d,\"dirty\":%d,\"warmups\":%d,\"pause_ms_p50\":%.2f,"
            + "\"pause_ms_p99\":%.2f,\"pause_ms_max\":%.2f,\"duration_ms_p50\":%.1f,"
            + "\"mean_written_bytes\":%d}%n",
        keys,
        keys / 10,
        warmups,
        pauseMs[checkpoints / 2],
        pauseMs[checkpoints * 99 / 100],
        pauseMs[checkpoints - 1],
        tookMs[checkpoints / 2],
        bytes / checkpoints);
    for (int i = 0; i < 3; i++) {
      long start = System.nanoTime();
      try (LaminarDB db = builder(directory).build()) {
        db.start();
        db.sync();
        double seconds = (System.nanoTime() - start) / 1e9;
        long stateRows = db.metrics().query("sums").stateRows();
        OUT.printf(
            Locale.ROOT,
            "{\"measure\":\"reopen\",\"state_rows\":%d,\"seconds\":%.3f}%n",
            stateRows,
            seconds);
      }
    }
  }

  /** Which key comes. */
  private interface Keys {
    long key(int row);
  }

  private static void push(LaminarDB db, int rows, Keys keys) {
    RowWriter writer = db.source("trades").rows();
    for (int i = 0; i < rows; i++) {
      writer.begin().setLong(0, keys.key(i)).setLong(1, i).endRow();
    }
    db.sync();
  }

  private static void pushes(Path directory, int pushes) throws IOException {
    double[] disk = new double[pushes];
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("raw"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(64);
      for (int i = 0; i < pushes; i++) {
        long start = System.nanoTime();
        file.write(bytes.clear());
        file.force(false);
        disk[i] = (System.nanoTime() - start) / 1e3;
      }
    }
    double[] push = new double[pushes];
    try (LaminarDB db =
        builder(directory.resolve("db")).inline().durability(DurabilityMode.SYNC).build()) {
      db.execute(SOURCE + "; " + SUMS);
      db.start();
      Source trades = db.source("trades");
      for (int i = 0; i < pushes; i++) {
        long start = System.nanoTime();
        trades.push((long) i, 1L);
        push[i] = (System.nanoTime() - start) / 1e3;
      }
    }
    Arrays.sort(disk);
    Arrays.sort(push);
    OUT.printf(
        Locale.ROOT,
        "{\"measure\":\"push_durable\",\"push_us_p50\":%.0f,\"push_us_p99\":%.0f,"
            + "\"fsync_us_p50\":%.0f,\"fsync_us_p99\":%.0f}%n",
        push[pushes / 2],
        push[pushes * 99 / 100],
        disk[pushes / 2],
        disk[pushes * 99 / 100]);
  }
}
