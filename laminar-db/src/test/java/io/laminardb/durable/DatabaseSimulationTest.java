package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.core.memory.NativeBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs of SQL on a disk that does all that {@link
 * io.laminardb.storage.file.SimulatedFileSystem} can do: each seed is some lives of one database. When a
 * program has come to its end, every subscriber was told what one of a database in memory is told, row by
 * row and number by number, and views hold the same; what was acknowledged was there in every life. Or the
 * database was not opened, and the damage was named.
 *
 * <p>{@code -Dlaminar.simulation.databases=n} runs n seeds, else as many as {@code
 * -Dlaminar.simulation.seconds} of processor time are enough for, and 2,000 at most; {@code -Dlaminar.seed=n} repeats one.
 */
class DatabaseSimulationTest {
  /** Programs, each of which is the subject of many seeds: what is expected is worked out once. */
  private static final int PROGRAMS = 60;

  static final int STEPS = 60;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long FIRST = 20_261_123;

  /** No more in a build, so that a faster machine meets no others. */
  private static final long MOST = 2_000;

  private final Map<Integer, Expected> expected = new HashMap<>();

  /**
   * What a database tells that nothing happens to.
   *
   * @param rows of each stream of the program, in order
   * @param views what each of its views holds in the end
   * @param written lines of the file that its sink writes
   */
  record Expected(
      Map<String, List<String>> rows, Map<String, List<String>> views, List<String> written) {}

  @TempDir Path dir;

  @Test
  void aDatabaseComesBackExactlyOrItsDamageIsNamed() {
    long first = Long.getLong("laminar.seed", FIRST);
    boolean asked = Long.getLong("laminar.simulation.databases") != null;
    long seeds = Long.getLong("laminar.simulation.databases", MOST);
    Duration most = Duration.ofSeconds(Long.getLong("laminar.simulation.seconds", 50));
    long endNs = asked ? Long.MAX_VALUE : THREADS.getCurrentThreadCpuTime() + most.toNanos();
    TreeMap<DatabaseLives.Outcome, Integer> outcomes = new TreeMap<>();
    long nativeBytes = NativeBuffer.allocatedBytes();
    long seed = first;
    for (; seed - first < seeds && THREADS.getCurrentThreadCpuTime() < endNs; seed++) {
      int number = (int) Math.floorMod(seed, (long) PROGRAMS);
      Program program = Program.inline(number);
      Expected same =
          expected.computeIfAbsent(
              number, any -> uninterrupted(program, dir.resolve("program" + number)));
      try {
        new DatabaseLives(seed, program, same, dir.resolve(seed + ".csv"))
            .run()
            .forEach((outcome, times) -> outcomes.merge(outcome, times, Integer::sum));
        assertThat(NativeBuffer.allocatedBytes()).as("not freed").isEqualTo(nativeBytes);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dlaminar.simulation.databases=1 -Dlaminar.seed=" + seed, e);
      }
    }
    System.out.println((seed - first) + " databases from " + first + ": " + outcomes);
    assertThat(outcomes).containsKey(DatabaseLives.Outcome.FINISHED);
  }

  private static Expected uninterrupted(Program program, Path written) {
    Map<String, List<String>> rows = new HashMap<>();
    Map<String, List<String>> views;
    try (LaminarDB db = DatabaseLives.undisturbed(program, written)) {
      program.define(db);
      Map<String, Subscription> subscriptions = new HashMap<>();
      program.names().forEach(name -> subscriptions.put(name, db.subscribe(name)));
      db.start();
      for (int step = 0; step < STEPS; step++) {
        program.step(db, step);
      }
      Program.end(db);
      subscriptions.forEach(
          (name, told) -> rows.put(name, told.drain().stream().map(KilledProcess::text).toList()));
      views = views(program, db);
    }
    return new Expected(rows, views, written(program, written));
  }

  /** Lines that the sink of a program has written. */
  static List<String> written(Program program, Path file) {
    try {
      return program.writes() ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What views hold, sorted. */
  static Map<String, List<String>> views(Program program, LaminarDB db) {
    Map<String, List<String>> views = new HashMap<>();
    for (String view : program.views()) {
      List<String> held = new ArrayList<>();
      try (Rows rows = db.query("SELECT * FROM " + view)) {
        for (Row row : rows.drain()) {
          held.add(row.toString());
        }
      }
      held.sort(null);
      views.put(view, held);
    }
    return views;
  }
}
