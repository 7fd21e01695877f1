package io.laminardb.bench;

import io.laminardb.LaminarDB;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What reading a CSV file costs by what a query wants of it, inline: one line a query, read as it
 * wants it and, as another query wants that, all of it. The answers must be the same.
 *
 * <pre>
 * FilesBench [--rows 1000000] [--columns 29] [--rounds 5] [--warmups 2] [--file flights.csv]
 * </pre>
 *
 * <p>Without a file one is made from a seed: flights, of which every column behind the fifth is a number
 * or a short text. A file is to have the columns ts, origin, destination, delay and distance.
 */
public final class FilesBench {
  private static final int SEED = 7;
  private static final int AIRPORTS = 300;

  private FilesBench() {}

  /** Exits with 1 where an answer depends on what is read. */
  public static void main(String[] args) throws IOException {
    Arguments arguments =
        new Arguments(args, List.of("rows", "columns", "rounds", "warmups", "file"));
    String given = arguments.text("file", "");
    Path file = given.isEmpty() ? Files.createTempFile("flights", ".csv") : Path.of(given);
    boolean equal = true;
    try {
      if (given.isEmpty()) {
        write(file, arguments.number("rows", 1_000_000), arguments.number("columns", 29));
      }
      for (Map.Entry<String, String> query : queries().entrySet()) {
        equal &=
            compare(file, query, arguments.number("rounds", 5), arguments.number("warmups", 2));
      }
    } finally {
      if (given.isEmpty()) {
        Files.delete(file);
      }
    }
    System.exit(equal ? 0 : 1);
  }

  private static Map<String, String> queries() {
    Map<String, String> queries = new LinkedHashMap<>();
    queries.put("2 columns, all rows", "SELECT origin, COUNT(*) AS n FROM t GROUP BY origin");
    queries.put("2 columns, 5 % of rows", "SELECT origin, destination FROM t WHERE delay > 90");
    queries.put(
        "every column, 5 % of rows", "SELECT * FROM t WHERE delay > 90 AND origin IS NOT NULL");
    queries.put("every column, 0.1 % of rows", "SELECT * FROM t WHERE delay > 600");
    return queries;
  }

  private static boolean compare(
      Path file, Map.Entry<String, String> query, int rounds, int warmups) {
    Samples wanted = new Samples();
    Samples whole = new Samples();
    Run last = null;
    boolean equal = true;
    for (int round = -warmups; round < rounds; round++) {
      last = run(file, query.getValue(), false);
      Run other = run(file, query.getValue(), true);
      equal &= last.answer == other.answer;
      if (round >= 0) {
        wanted.add((double) last.cpuNs / last.rows);
        whole.add((double) other.cpuNs / other.rows);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "{\"query\":\"%s\",\"rows\":%d,\"filtered_rows\":%d,\"cpu_ns_per_row\":%.0f,"
            + "\"whole_cpu_ns_per_row\":%.0f,\"ratio\":%.2f,\"equal\":%b}%n",
        query.getKey(),
        last.rows,
        last.filteredRows,
        wanted.median(),
        whole.median(),
        whole.median() / wanted.median(),
        equal);
    return equal;
  }

  private record Run(long rows, long filteredRows, long cpuNs, long answer) {}

  /** Reads the file once, as the query wants it or, for another that wants everything, all of it. */
  private static Run run(Path file, String query, boolean whole) {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute("CREATE SOURCE t FROM FILES (path = '" + file + "')");
      db.execute(
          "CREATE STREAM q AS " + query + (query.contains("GROUP BY") ? " EMIT CHANGES" : ""));
      if (whole) {
        db.execute("CREATE STREAM every_row AS SELECT * FROM t");
      }
      long[] answer = new long[1];
      db.subscribeArrow("q", root -> answer[0] += root.getRowCount());
      long before = Threads.ownCpuNs();
      db.start();
      db.awaitSources();
      long cpuNs = Threads.ownCpuNs() - before;
      var metrics = db.metrics().source("t");
      return new Run(metrics.rows(), metrics.filteredRows(), cpuNs, answer[0]);
    }
  }

  private static void write(Path file, int rows, int columns) {
    Random random = new Random(SEED);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("ts,origin,destination,delay,distance");
      for (int i = 5; i < columns; i++) {
        out.write(",c" + i);
      }
      out.write('\n');
      long second = 978_307_200L;
      for (int row = 0; row < rows; row++) {
        second += random.nextInt(20);
        out.write(Instant.ofEpochSecond(second) + "," + airport(random) + "," + airport(random));
        out.write("," + delay(random) + "," + (50 + random.nextInt(3000)));
        for (int i = 5; i < columns; i++) {
          out.write("," + (i % 3 == 0 ? airport(random) : String.valueOf(random.nextInt(2400))));
        }
        out.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String airport(Random random) {
    int number = random.nextInt(AIRPORTS);
    return new String(
        new char[] {
          (char) ('A' + number % 26), (char) ('A' + number / 26), (char) ('A' + number % 7)
        });
  }

  /** Minutes: one of twenty is late by more than 90, one of a thousand by more than 600. */
  private static int delay(Random random) {
    int of = random.nextInt(1000);
    return of == 0 ? 601 + random.nextInt(600) : of < 50 ? 91 + random.nextInt(500) : of % 90 - 10;
  }
}
