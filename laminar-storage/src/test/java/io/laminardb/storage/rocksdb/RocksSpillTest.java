package io.laminardb.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.DirectoryStorageProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksSpillTest {
  @TempDir Path dir;

  @Test
  void givesBlocksBackUntilTheyAreDropped() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    Map<Long, byte[]> kept = new HashMap<>();
    try (RocksSpill spill = new RocksSpill(dir.resolve("spill"))) {
      for (int i = 0; i < 500; i++) {
        byte[] block = new byte[random.nextInt(50_000)];
        random.nextBytes(block);
        kept.put(spill.put(block), block);
        if (random.nextInt(3) == 0) {
          long dropped = kept.keySet().iterator().next();
          kept.remove(dropped);
          spill.drop(dropped);
          assertThatThrownBy(() -> spill.get(dropped)).isInstanceOf(LaminarException.class);
        }
      }
      kept.forEach(
          (number, block) -> assertThat(spill.get(number)).as("seed %d", seed).isEqualTo(block));
    }
    assertThat(dir.resolve("spill")).doesNotExist();
  }

  @Test
  void nothingIsMadeBeforeTheFirstBlockAndWhatAnotherLeftIsDeleted() throws IOException {
    Path own = dir.resolve("spill");
    Files.createDirectories(own);
    Files.writeString(own.resolve("000001.sst"), "left by a process that was killed");
    RocksSpill spill = new RocksSpill(own);
    assertThat(own).doesNotExist();
    spill.close();
    spill.drop(1);
    assertThatThrownBy(() -> spill.put(new byte[1]))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void aDirectoryForSpillBelongsToOne() {
    DirectoryStorageProvider provider = new DirectoryStorageProvider();
    try (SpillStore first = provider.spill(dir)) {
      assertThat(first.get(first.put(new byte[] {1}))).containsExactly(1);
      assertThatThrownBy(() -> provider.spill(dir))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_DIR_LOCKED));
    }
    provider.spill(dir).close();
  }
}
