package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  @TempDir Path directory;

  private final CommandHarness command = new CommandHarness();

  private LaminarDB database() {
    LaminarDB db = LaminarDB.builder().storageDir(directory).inline().build();
    db.execute("CREATE SOURCE readings (device VARCHAR, temp DOUBLE)");
    db.start();
    db.source("readings").push("a", 20.5);
    return db;
  }

  @Test
  void saysThatAllIsWhole() {
    database().close();
    assertThat(command.laminar("check", directory.toString())).isZero();
    assertThat(command.err()).isEmpty();
    assertThat(command.out())
        .startsWith("checkpoint 1: ")
        .contains("\njournal: ")
        .endsWith("all is as it was written\n");
  }

  @Test
  void namesWhatIsDamagedAndFails() throws IOException {
    database().close();
    Path manifest;
    try (var files = Files.walk(directory.resolve("checkpoints"))) {
      manifest = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    assertThat(command.laminar("check", directory.toString())).isEqualTo(1);
    assertThat(command.err())
        .contains("damaged: ")
        .contains(directory.relativize(manifest).toString());
    assertThat(command.out()).doesNotContain("all is as it was written");
  }

  @Test
  void refusesWhatIsInUseAndWhatIsNotThere() {
    try (LaminarDB db = database()) {
      assertThat(db.isStarted()).isTrue();
      assertThat(command.laminar("check", directory.toString())).isEqualTo(1);
      assertThat(command.err()).contains("STATE_DIR_LOCKED").contains("is in use by");
    }
    assertThat(command.laminar("check", directory.resolve("nowhere").toString())).isEqualTo(1);
    assertThat(command.err()).contains("IO_ERROR").contains("nowhere");
    assertThat(command.laminar("check")).isEqualTo(2);
  }
}
