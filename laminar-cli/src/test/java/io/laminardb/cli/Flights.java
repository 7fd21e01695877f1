package io.laminardb.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The flights of the example, and what its script must find in them, by plain Java. */
final class Flights {
  /** One row of the file. */
  record Flight(LocalDateTime at, String origin, String destination, int delay, int distance) {}

  /** What the flights of one group sum up to. */
  static final class Totals {
    long flights;
    long delayed;
    long delaySum;
    int maxDelay = Integer.MIN_VALUE;
    long miles;

    void add(Flight flight) {
      flights++;
      delayed += flight.delay() > 15 ? 1 : 0;
      delaySum += flight.delay();
      maxDelay = Math.max(maxDelay, flight.delay());
      miles += flight.distance();
    }

    double averageDelay() {
      return (double) delaySum / flights;
    }
  }

  private record OriginHour(String origin, LocalDateTime hour) {}

  private record RouteWindow(String origin, String destination, long lastSlide) {}

  final List<Flight> all;

  private Flights(List<Flight> all) {
    this.all = all;
  }

  static Path home() {
    return Path.of("..").toAbsolutePath().normalize();
  }

  static Flights read() throws IOException {
    Path file = home().resolve("examples/data/flights-200k.csv.gz");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return new Flights(lines.lines().skip(1).map(Flights::flight).toList());
    }
  }

  private static Flight flight(String line) {
    String[] fields = line.split(",");
    return new Flight(
        LocalDateTime.parse(fields[0]),
        fields[1],
        fields[2],
        Integer.parseInt(fields[3]),
        Integer.parseInt(fields[4]));
  }

  private <K> Map<K, Totals> totals(Map<K, Totals> into, Function<Flight, K> key) {
    for (Flight flight : all) {
      into.computeIfAbsent(key.apply(flight), any -> new Totals()).add(flight);
    }
    return into;
  }

  Map<LocalDate, Totals> days() {
    return totals(new TreeMap<>(), flight -> flight.at().toLocalDate());
  }

  long badHours() {
    return totals(
            new HashMap<>(),
            flight -> new OriginHour(flight.origin(), flight.at().truncatedTo(ChronoUnit.HOURS)))
        .values()
        .stream()
        .filter(totals -> totals.flights >= 20 && totals.averageDelay() >= 30)
        .count();
  }

  long busyRoutes() {
    Map<RouteWindow, Totals> windows = new HashMap<>();
    for (Flight flight : all) {
      long slide = Math.floorDiv(flight.at().toEpochSecond(ZoneOffset.UTC), 6 * 3600);
      for (long window = slide; window < slide + 4; window++) {
        windows
            .computeIfAbsent(
                new RouteWindow(flight.origin(), flight.destination(), window), any -> new Totals())
            .add(flight);
      }
    }
    return windows.values().stream().filter(totals -> totals.flights >= 40).count();
  }

  long streaks() {
    Map<String, List<LocalDateTime>> badFlights = new HashMap<>();
    for (Flight flight : all) {
      if (flight.delay() >= 60) {
        badFlights.computeIfAbsent(flight.origin(), any -> new ArrayList<>()).add(flight.at());
      }
    }
    return badFlights.values().stream().mapToLong(Flights::streaksOfOneAirport).sum();
  }

  private static long streaksOfOneAirport(List<LocalDateTime> times) {
    long streaks = 0;
    int length = 0;
    for (int i = 0; i < times.size(); i++) {
      boolean joins =
          i > 0
              && Duration.between(times.get(i - 1), times.get(i)).compareTo(Duration.ofMinutes(15))
                  <= 0;
      length = joins ? length + 1 : 1;
      streaks += length == 10 ? 1 : 0;
    }
    return streaks;
  }

  /** The airports with most flights first, ties by name. */
  Stream<Map.Entry<String, Totals>> airports() {
    Comparator<Map.Entry<String, Totals>> most = Comparator.comparing(e -> -e.getValue().flights);
    return totals(new TreeMap<>(), Flight::origin).entrySet().stream().sorted(most);
  }
}
