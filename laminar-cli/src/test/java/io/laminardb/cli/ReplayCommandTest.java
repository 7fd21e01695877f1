package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.core.time.VirtualClock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final String SELECT = "SELECT device, n FROM counts ORDER BY device";

  @TempDir Path directory;

  private final CommandHarness command = new CommandHarness();

  @BeforeEach
  void aDatabaseThatTookARowEachMinute() {
    VirtualClock clock = new VirtualClock(NOON.getEpochSecond() * 1_000_000_000L);
    try (LaminarDB db = LaminarDB.builder().storageDir(directory).clock(clock).inline().build()) {
      db.execute("CREATE SOURCE readings (device VARCHAR, temp DOUBLE)");
      db.execute(
          "CREATE MATERIALIZED VIEW counts AS"
              + " SELECT device, COUNT(*) AS n FROM readings GROUP BY device");
      db.start();
      for (int i = 0; i < 4; i++) {
        clock.advance(Duration.ofMinutes(1));
        db.source("readings").push(i == 3 ? "b" : "a", 20.5);
      }
    }
  }

  private int replay(String... more) {
    String[] args = new String[2 + more.length];
    args[0] = "replay";
    args[1] = directory.toString();
    System.arraycopy(more, 0, args, 2, more.length);
    return command.laminar(args);
  }

  @Test
  void answersAsItWouldHaveThen() {
    assertThat(replay("--until", "2026-11-23T12:02:30Z", "--sql", SELECT, "--mode", "csv"))
        .isZero();
    assertThat(command.err()).isEmpty();
    assertThat(command.out()).isEqualTo("device,n\na,2\n");
  }

  @Test
  void answersAsOfTheEndWhereNoMomentIsNamed() {
    assertThat(replay("--sql", SELECT, "--mode", "csv")).isZero();
    assertThat(command.out()).isEqualTo("device,n\na,3\nb,1\n");
  }

  @Test
  void theShellGoesOnRecordByRecord() {
    StringWriter out = new StringWriter();
    try (LaminarDB db = LaminarDB.replay(directory).until(NOON.plusSeconds(100)).open()) {
      Shell shell = new Shell(db, new PrintWriter(out), Look.PLAIN);
      shell.line(".mode csv");
      shell.line(SELECT + ";");
      shell.line(".step");
      shell.line(SELECT + ";");
      shell.line(".step 100");
      shell.line(".step many");
    }
    assertThat(out.toString())
        .contains("a,1")
        .contains(" 2026-11-23T12:02:00Z 1 row of readings")
        .contains("a,2")
        .contains("the journal ends here")
        .contains("Write .step, or .step 100.");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThat(replay("--until", "yesterday", "--sql", SELECT)).isEqualTo(2);
    assertThat(command.err()).contains("--until is yesterday");
    assertThat(replay("--until", "999", "--sql", SELECT)).isEqualTo(1);
    assertThat(command.err()).contains("INVALID_OPTION").contains("there is no record 999");
    assertThat(replay("--sql", "SELECT device, m FROM counts")).isEqualTo(1);
    assertThat(command.err()).contains("COLUMN_NOT_FOUND");
    assertThat(command.laminar("replay", directory.resolve("no").toString(), "--sql", SELECT))
        .isEqualTo(1);
    assertThat(command.err()).contains("IO_ERROR");
  }
}
