package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.MemoryUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a durable database holds of memory and disk, sampled again and again. One thread. */
final class Gauges {
  /** Something that is to stay as it is, and how far its means may be apart without meaning anything. */
  enum Gauge {
    /** The heap after a collection. */
    HEAP_BYTES(4 << 20),
    /** Rings, batches, state. */
    ENGINE_BYTES(4 << 20),
    /** What RocksDB counts, and copies for checkpoints. */
    STORAGE_BYTES(8 << 20),
    /** All of the process, as the operating system counts it. */
    RESIDENT_BYTES(32 << 20),
    FILES(8),
    FILE_BYTES(64 << 20),
    JOURNAL_SEGMENTS(3),
    /** Rows that a durable subscription keeps as nobody has acknowledged them. */
    KEPT_ROWS(100_000);

    final double slack;

    Gauge(double slack) {
      this.slack = slack;
    }
  }

  private static final double TOLERANCE = 1.1;
  private static final Path STATUS = Path.of("/proc/self/status");

  private final LaminarDB db;
  private final Path directory;
  private final List<Map<Gauge, Double>> samples = new ArrayList<>();

  /**
   * @param directory of the database
   */
  Gauges(LaminarDB db, Path directory) {
    this.db = db;
    this.directory = directory;
  }

  /** Takes a sample. */
  Map<Gauge, Double> sample(long keptRows) {
    Map<Gauge, Double> sample = new EnumMap<>(Gauge.class);
    System.gc();
    sample.put(
        Gauge.HEAP_BYTES,
        (double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    MemoryUse memory = db.memoryUse();
    sample.put(Gauge.ENGINE_BYTES, (double) memory.engineBytes());
    sample.put(Gauge.STORAGE_BYTES, (double) memory.storageBytes());
    sample.put(Gauge.RESIDENT_BYTES, (double) residentBytes());
    List<Path> files = files();
    sample.put(Gauge.FILES, (double) files.size());
    sample.put(Gauge.FILE_BYTES, (double) files.stream().mapToLong(Gauges::size).sum());
    sample.put(
        Gauge.JOURNAL_SEGMENTS,
        (double) files.stream().filter(file -> file.getParent().endsWith("journal")).count());
    sample.put(Gauge.KEPT_ROWS, (double) keptRows);
    samples.add(sample);
    return sample;
  }

  /**
   * Compares the means of the second and the last quarter, the first one being for what has to fill.
   *
   * @return what has grown, as text; empty where nothing has
   */
  List<String> grown() {
    List<String> grown = new ArrayList<>();
    for (Gauge gauge : Gauge.values()) {
      double before = mean(gauge, 2);
      double now = mean(gauge, 4);
      if (now > before * TOLERANCE && now > before + gauge.slack) {
        grown.add(String.format(Locale.ROOT, "%s from %.0f to %.0f", gauge, before, now));
      }
    }
    return grown;
  }

  /** The mean of a gauge in one of the quarters, 1 to 4. */
  double mean(Gauge gauge, int quarter) {
    int size = samples.size();
    return samples.subList(size * (quarter - 1) / 4, size * quarter / 4).stream()
        .collect(Collectors.averagingDouble(sample -> sample.get(gauge)));
  }

  /** 0 where the operating system does not tell. */
  private static long residentBytes() {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files with several names are counted as often: what checkpoints share is in each of them. */
  private List<Path> files() {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException | UncheckedIOException e) {
      return files(); // a directory went while it was being listed
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0; // it has gone meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
