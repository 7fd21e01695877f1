package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.laminardb.LaminarDB;
import io.laminardb.Subscription;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that run random programs are killed at random moments, and go on. What they were told is
 * what a database tells that nobody kills, in memory unless it retains history: no row is missing or
 * comes with another number, and no step that was said to be kept is lost.
 */
class KillTest {
  private static final int STEPS = 1_500;
  private static final int KILLS_OF_A_PROGRAM = 12;

  @TempDir Path dir;

  @Test
  void aKilledProcessLosesNothingAndRepeatsNothing() throws Exception {
    int kills = Integer.getInteger("laminar.kills", 300);
    long seed = Long.getLong("laminar.kills.seed", 20261123);
    Random random = new Random(seed);
    for (int left = kills; left > 0; ) {
      long programSeed = random.nextLong();
      int killed = new Life(programSeed, new Random(random.nextLong())).run(left);
      left -= Math.max(1, killed);
    }
  }

  /** A program from its beginning to its end, in as many processes as it takes. */
  private final class Life {
    private final long seed;
    private final Random random;
    private final Path directory;
    private final Map<String, TreeMap<Long, String>> received = new HashMap<>();
    private final List<String> history = new ArrayList<>();
    private int kept = -1;
    private boolean done;

    Life(long seed, Random random) {
      this.seed = seed;
      this.random = random;
      this.directory = dir.resolve("program" + seed);
    }

    /** The number of kills. */
    int run(int most) throws Exception {
      int kills = 0;
      while (!done) {
        boolean kill = kills < Math.min(most, KILLS_OF_A_PROGRAM);
        process(kill ? random.nextInt(1_200) : -1);
        if (!done) {
          kills++;
        }
      }
      compare();
      return kills;
    }

    private void process(int killAfterMs) throws Exception {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xmx256m",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  KilledProcess.class.getName(),
                  directory.toString(),
                  Long.toString(seed),
                  Integer.toString(STEPS),
                  Long.toString(random.nextLong()),
                  written("killed"))
              .redirectError(ProcessBuilder.Redirect.appendTo(new File(dir.toFile(), "errors")))
              .start();
      Thread killer = killAfterMs < 0 ? null : killer(process, killAfterMs);
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          read(line);
        }
      } finally {
        int exit = process.waitFor();
        if (killer != null) {
          killer.interrupt();
          killer.join();
        }
        boolean wasKilled = exit == 137;
        if (!wasKilled && exit != 0) {
          fail("program %s ended with %s:%n%s", seed, exit, errors());
        }
      }
    }

    /** Half of the kills come while the database is opened, or right behind. */
    private Thread killer(Process process, int afterMs) {
      Thread killer =
          new Thread(
              () -> {
                try {
                  boolean early = afterMs % 2 == 0;
                  if (!process.waitFor((early ? 500 : 1_500) + afterMs, TimeUnit.MILLISECONDS)) {
                    process.toHandle().destroyForcibly(); // leaves what it has said to be read
                  }
                } catch (InterruptedException e) {
                  // It has ended.
                }
              });
      killer.start();
      return killer;
    }

    /** The file that the sink of a process writes. */
    private String written(String process) {
      return dir.resolve(process + seed + ".csv").toString();
    }

    private String errors() throws IOException {
      return Files.readString(dir.resolve("errors"));
    }

    private void read(String line) {
      String[] words = line.split(" ", 4);
      switch (words[0]) {
        case "OPEN" -> {
          int last = Integer.parseInt(words[1]);
          history.add(line);
          assertThat(last).as("steps that program %s had kept", seed).isGreaterThanOrEqualTo(kept);
        }
        case "KEPT" -> kept = Math.max(kept, Integer.parseInt(words[1]));
        case "ROW" -> {
          long number = Long.parseLong(words[2]);
          String before =
              received.computeIfAbsent(words[1], name -> new TreeMap<>()).put(number, words[3]);
          if (before != null) {
            assertThat(words[3])
                .as("row %s of %s of program %s %s", number, words[1], seed, history)
                .isEqualTo(before);
          }
        }
        case "DONE" -> done = true;
        default -> {} // cut off by the kill
      }
    }

    /** What changes add up to. */
    private static Map<String, Integer> net(Collection<String> changes) {
      Map<String, Integer> net = new TreeMap<>();
      for (String change : changes) {
        int blank = change.indexOf(' ');
        int weight = Integer.parseInt(change.substring(0, blank));
        net.merge(change.substring(blank + 1), weight, Integer::sum);
      }
      net.values().removeIf(weight -> weight == 0);
      return net;
    }

    private List<String> lines(Program program, String process) {
      List<String> lines = DatabaseSimulationTest.written(program, Path.of(written(process)));
      return program.isThreaded() ? lines.stream().sorted().toList() : lines;
    }

    private void compare() {
      Program program = new Program(seed);
      Map<String, List<String>> expected = new HashMap<>();
      LaminarDB.Builder unkilled =
          LaminarDB.builder().inline().variable("WRITTEN", written("unkilled"));
      if (program.retainsHistory()) {
        unkilled.storageDir(dir.resolve("unkilled" + seed)).retainHistory(Duration.ofDays(1));
      }
      try (LaminarDB db = unkilled.build()) {
        program.define(db);
        Map<String, Subscription> subscriptions = new HashMap<>();
        program.names().forEach(name -> subscriptions.put(name, db.subscribe(name)));
        db.start();
        for (int step = 0; step < STEPS; step++) {
          program.step(db, step);
        }
        Program.end(db);
        subscriptions.forEach(
            (name, rows) ->
                expected.put(name, rows.drain().stream().map(KilledProcess::text).toList()));
      }
      for (String name : program.names()) {
        TreeMap<Long, String> rows = received.getOrDefault(name, new TreeMap<>());
        assertThat(program.isThreaded() ? net(rows.values()) : List.copyOf(rows.values()))
            .as("rows of %s of program %s %s", name, seed, history)
            .isEqualTo(program.isThreaded() ? net(expected.get(name)) : expected.get(name));
        assertThat(rows.isEmpty() ? 0 : rows.lastKey()).isEqualTo(rows.size());
      }
      assertThat(lines(program, "killed"))
          .as("lines written by program %s %s", seed, history)
          .isEqualTo(lines(program, "unkilled"));
      try (LaminarDB db =
          LaminarDB.builder()
              .inline()
              .storageDir(directory)
              .variable("WRITTEN", written("killed"))
              .build()) {
        assertThat(Program.last(db)).isGreaterThan(STEPS - 100);
      }
    }
  }
}
