package io.laminardb.durable;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What tests of state that leaves memory share. */
final class Spilling {
  private Spilling() {}

  /** Of a build's random tests; {@code -Dlaminar.seed} repeats or varies it. */
  static long seed() {
    return Long.getLong("laminar.seed", 20_261_123);
  }

  /** Inline, with a budget that the state of such a test does not fit into. */
  static LaminarDB.Builder shortOfMemory() {
    return LaminarDB.builder().inline().memoryBudget(8 << 20).ringRows(256).batchRows(256);
  }

  /** Inline and durable, with checkpoints only where a test asks for one. */
  static LaminarDB.Builder durable(Path directory) {
    return LaminarDB.builder()
        .inline()
        .storageDir(directory)
        .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
  }

  /** All rows of a statement as texts. */
  static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.execute(sql).get(0).rows()) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }
}
