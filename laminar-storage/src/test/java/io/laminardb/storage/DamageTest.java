package io.laminardb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One file at a time is flipped, cut, lengthened or removed. Whatever it is, the database holds exactly
 * what it held, or it is not opened and says what is lost; and if that is accepted, it holds what it held
 * some records earlier.
 */
class DamageTest {
  private static final int CASES_PER_FILE = Integer.getInteger("laminar.damage.cases", 4);
  private static final StorageOptions OPTIONS =
      StorageOptions.DEFAULT.withSegmentBytes(4096).withKeptCheckpoints(2);

  @TempDir Path temporary;
  private Path directory;
  private long position;

  @Test
  void eitherNothingIsLostOrItIsSaid() throws IOException {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Map<Path, byte[]> pristine = write();
    int number = 0;
    int exact = 0;
    int warned = 0;
    int refused = 0;
    for (Path file : pristine.keySet()) {
      for (int i = 0; i < CASES_PER_FILE; i++) {
        Random random = new Random(seed + number++);
        byte[] damaged = damage(pristine.get(file), i, random);
        directory = temporary.resolve("case" + number);
        String what =
            "seed "
                + (seed + number - 1)
                + ": "
                + file
                + " as "
                + describe(pristine.get(file), damaged);
        restore(pristine, file, damaged);
        StorageReport report = new DirectoryStorageProvider().check(directory);
        try (TestDatabase database = TestDatabase.open(directory, OPTIONS)) {
          assertThat(database.position()).as(what).isEqualTo(position);
          assertThat(database.sums()).as(what).isEqualTo(TestDatabase.expected(position));
          assertThat(report.loss()).as(what).isNull();
          if (database.warnings().isEmpty()) {
            exact++;
          } else {
            warned++;
            assertThat(report.damage()).as(what).isNotEmpty();
          }
        } catch (LaminarException e) {
          refused++;
          assertThat(e.code()).as(what).isEqualTo(ErrorCode.STATE_CORRUPT);
          assertThat(e.problem()).as(what).contains("lost");
          assertThat(e.mend()).as(what).contains("acceptLoss");
          assertThat(report.isWhole()).as(what).isFalse();
          accept(what);
        }
        if (file.startsWith("checkpoints")) {
          assertThat(report.damage()).as(what).isNotEmpty();
        }
        remove(directory);
      }
    }
    System.out.println(
        number + " cases: exact " + exact + ", warned " + warned + ", refused " + refused);
    assertThat(warned).isPositive();
    assertThat(refused).isPositive();
  }

  /** A loss is accepted: then all goes on, with what there was some records earlier. */
  private void accept(String what) {
    try (TestDatabase database = TestDatabase.open(directory, OPTIONS.withAcceptLoss(true))) {
      assertThat(database.position()).as(what).isLessThan(position);
      assertThat(database.sums()).as(what).isEqualTo(TestDatabase.expected(database.position()));
      assertThat(database.warnings()).as(what).isNotEmpty();
      database.add(100, 40);
    }
    long after;
    try (TestDatabase database = TestDatabase.open(directory, OPTIONS)) {
      after = database.position();
      assertThat(database.sums()).as(what).isEqualTo(TestDatabase.expected(after));
      database.checkpoint();
      database.add(10, 40);
    }
    try (TestDatabase database = TestDatabase.open(directory, OPTIONS)) {
      assertThat(database.position()).as(what).isEqualTo(after + 10);
      assertThat(database.sums()).as(what).isEqualTo(TestDatabase.expected(after + 10));
    }
  }

  /** The files of a database that was closed, by their names from its directory on. */
  private Map<Path, byte[]> write() throws IOException {
    directory = temporary.resolve("pristine");
    try (TestDatabase database = TestDatabase.open(directory, OPTIONS)) {
      for (int i = 0; i < 4; i++) {
        database.add(100 + i, 40);
        database.checkpoint();
      }
      database.add(70, 40);
      position = database.position();
    }
    Map<Path, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(each), Files.readAllBytes(each));
      }
    }
    return files;
  }

  private static byte[] damage(byte[] bytes, int kind, Random random) {
    byte[] damaged = bytes.clone();
    if (kind == 0) {
      return null;
    }
    if (bytes.length == 0 || kind == 1) {
      damaged = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(600));
      damaged[bytes.length] = (byte) (1 + random.nextInt(255));
    } else if (kind == 2) {
      damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length));
    } else {
      int bit = random.nextInt(bytes.length * 8);
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
    }
    return damaged;
  }

  private static String describe(byte[] bytes, byte[] damaged) {
    return damaged == null
        ? "removed"
        : damaged.length != bytes.length
            ? damaged.length + " instead of " + bytes.length + " bytes"
            : "flipped at " + Arrays.mismatch(bytes, damaged) + " of " + bytes.length;
  }

  private void restore(Map<Path, byte[]> pristine, Path damagedFile, byte[] damaged)
      throws IOException {
    for (Map.Entry<Path, byte[]> each : pristine.entrySet()) {
      byte[] bytes = each.getKey().equals(damagedFile) ? damaged : each.getValue();
      if (bytes != null) {
        Path path = directory.resolve(each.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, bytes);
      }
    }
  }

  private static void remove(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              each -> {
                try {
                  Files.delete(each);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
