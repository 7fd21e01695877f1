package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.cli.Flights.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @TempDir Path directory;

  private final CommandHarness command = new CommandHarness();

  @Test
  void readsAllFlightsAndFindsWhatPlainJavaFinds() throws IOException {
    int exitCode = command.laminar("demo", "--plain", "--out", directory.toString());
    assertThat(command.err()).isEmpty();
    assertThat(exitCode).isZero();

    Flights flights = Flights.read();
    assertThat(flights.all).hasSize(200_000);
    String summary = command.out();
    assertThat(summary).contains("200,000 rows read").contains("0 late rows");
    assertThat(summary).contains(results(flights.badHours(), "bad_hours"));
    assertThat(summary).contains(results(flights.days().size(), "days"));
    assertThat(summary).contains(results(flights.busyRoutes(), "busy_routes"));
    assertThat(summary).contains(results(flights.streaks(), "streaks"));

    List<String> top =
        flights.airports().limit(5).map(e -> topLine(e.getKey(), e.getValue())).toList();
    assertThat(words(summary)).containsSubsequence(top);
    assertSinksHold(flights);
  }

  private void assertSinksHold(Flights flights) throws IOException {
    assertThat(Files.readAllLines(directory.resolve("bad-hours.csv")))
        .hasSize((int) flights.badHours() + 1);
    List<String> days = Files.readAllLines(directory.resolve("days.jsonl"));
    assertThat(days).hasSize(flights.days().size());
    assertThat(days.get(0)).contains("\"flights\":14828");
    int day = 0;
    for (Totals totals : flights.days().values()) {
      assertThat(days.get(day++))
          .contains("\"flights\":" + totals.flights + ",")
          .contains("\"delayed\":" + totals.delayed + ",")
          .contains("\"avg_delay\":" + totals.averageDelay() + ",")
          .contains("\"miles\":" + totals.miles);
    }
  }

  private static String results(long count, String stream) {
    return String.format(Locale.ROOT, "%,7d results of %s", count, stream);
  }

  private static String topLine(String origin, Totals totals) {
    return String.join(
        " | ",
        origin,
        Long.toString(totals.flights),
        Double.toString(totals.averageDelay()),
        Integer.toString(totals.maxDelay),
        Long.toString(totals.miles));
  }

  /** The lines of a text without the blanks that align them. */
  private static List<String> words(String text) {
    return text.lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
  }

  @Test
  void theScriptRunsByItselfToo() throws IOException {
    String script = Flights.home().resolve("examples/flights.sql").toString();
    assertThat(command.laminar("run", script, "--var", "OUT=" + directory, "--mode", "csv"))
        .isZero();
    String busiest = Flights.read().airports().findFirst().orElseThrow().getKey();
    assertThat(command.out())
        .startsWith("origin,flights,avg_delay,max_delay,miles\n" + busiest + ",");
  }
}
