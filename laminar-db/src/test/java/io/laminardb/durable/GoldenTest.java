package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Subscriber;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a release has written is read by all that come after it. */
class GoldenTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"0.1.0"})
  void aDirectoryOfARelease(String release) throws IOException {
    unzip("/golden/" + release + ".zip");
    List<String> expected = lines("/golden/" + release + ".txt");
    for (int times = 0; times < 2; times++) {
      try (LaminarDB db = Golden.open(dir)) {
        assertThat(Golden.answers(db)).isEqualTo(expected);
      }
    }
    try (LaminarDB db = Golden.open(dir)) {
      DurableSubscription billing = db.subscribe("sessions", Subscriber.durable("billing"));
      db.start();
      assertThat(billing.acknowledged()).isEqualTo(1);
      Golden.push(db, 60, 80);
      assertThat(billing.poll()).isNotNull();
      assertThat(billing.sequence()).isEqualTo(2);
      assertThat(Golden.answers(db)).isNotEqualTo(expected).hasSizeGreaterThan(expected.size() - 1);
    }
  }

  private void unzip(String resource) throws IOException {
    try (ZipInputStream in = new ZipInputStream(GoldenTest.class.getResourceAsStream(resource))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path file = dir.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(in, file);
      }
    }
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = GoldenTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
