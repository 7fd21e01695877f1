package io.laminardb.durable;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Subscriber;
import io.laminardb.core.durable.DurabilityMode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs a program in a process that may be killed at any moment, and says line by line what it has been
 * told: {@code OPEN n} the last step that was kept, {@code KEPT n} a step that is on disk, {@code ROW
 * stream number row} a row that was given, {@code DONE}.
 */
final class KilledProcess {
  private static final PrintStream OUT = new PrintStream(System.out, true);

  private KilledProcess() {}

  /** Directory, seed of the program, number of steps, seed of everything else, file of its sink. */
  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    Program program = new Program(Long.parseLong(args[1]));
    int steps = Integer.parseInt(args[2]);
    Random random = new Random(Long.parseLong(args[3]));
    boolean sync =
        program.isThreaded() || random.nextInt(3) == 0; // else the last steps may be lost
    LaminarDB.Builder builder = LaminarDB.builder();
    if (!program.isThreaded()) {
      builder.inline();
    }
    if (program.retainsHistory()) {
      builder.retainHistory(Duration.ofDays(1));
    }
    try (LaminarDB db =
        builder
            .storageDir(directory)
            .variable("WRITTEN", args[4])
            .checkpoint(CheckpointConfig.every(Duration.ofMillis(50 + random.nextInt(2_000))))
            .durability(sync ? DurabilityMode.SYNC : DurabilityMode.ASYNC)
            .build()) {
      program.define(db);
      List<DurableSubscription> subscriptions = new ArrayList<>();
      for (String name : program.names()) {
        subscriptions.add(db.subscribe(name, Subscriber.durable("of_" + name)));
      }
      db.start();
      int next = Program.next(db);
      OUT.println("OPEN " + Program.last(db));
      for (int step = next; step < steps; step++) {
        program.step(db, step);
        if (sync) {
          OUT.println("KEPT " + Program.last(db));
        }
        int what = random.nextInt(40);
        if (what == 0) {
          db.sync();
          OUT.println("KEPT " + Program.last(db));
        } else if (what == 1) {
          db.checkpoint();
        } else if (what < 8) {
          receive(program, subscriptions, random);
        }
      }
      Program.end(db);
      receive(program, subscriptions, random);
      OUT.println("DONE");
    }
  }

  private static void receive(
      Program program, List<DurableSubscription> subscriptions, Random random) {
    for (int i = 0; i < subscriptions.size(); i++) {
      DurableSubscription subscription = subscriptions.get(i);
      for (Row row = subscription.poll(); row != null; row = subscription.poll()) {
        OUT.println(
            "ROW " + program.names().get(i) + " " + subscription.sequence() + " " + text(row));
        if (random.nextInt(10) == 0) {
          subscription.ack();
        }
      }
    }
  }

  /** A row with its weight, on one line. */
  static String text(Row row) {
    return row.weight() + " " + row;
  }
}
