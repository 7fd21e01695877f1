package io.laminardb.api;

import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.Text;
import org.junit.jupiter.api.Test;

/** Arrow in and out, without copying. */
class ArrowApiTest {
  private static final String TRADES =
      "CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts BIGINT)";

  /** Rows {@code A<i>, i / 2.0, i}, in another order of columns than the source's. */
  private static VectorSchemaRoot root(BufferAllocator allocator, int from, int to) {
    BigIntVector ts = new BigIntVector("ts", allocator);
    VarCharVector symbol = new VarCharVector("SYMBOL", allocator);
    Float8Vector price = new Float8Vector("price", allocator);
    for (int i = from; i < to; i++) {
      ts.setSafe(i - from, i);
      symbol.setSafe(i - from, new Text("A" + i));
      if (i % 3 != 0) {
        price.setSafe(i - from, i / 2.0);
      }
    }
    List<FieldVector> vectors = List.of(ts, symbol, price);
    vectors.forEach(vector -> vector.setValueCount(to - from));
    return new VectorSchemaRoot(vectors);
  }

  @Test
  void aBatchGoesInAndOutOverTheSameMemory() {
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db = inline(TRADES)) {
      List<Long> out = new ArrayList<>();
      List<String> names = new ArrayList<>();
      db.subscribeArrow(
          "trades",
          root -> {
            root.getFieldVectors()
                .forEach(
                    vector -> {
                      out.add(vector.getDataBuffer().memoryAddress());
                      names.add(vector.getName());
                    });
            assertThat(root.getRowCount()).isEqualTo(500);
            assertThat(((BigIntVector) root.getVector("ts")).get(499)).isEqualTo(499);
            assertThat(root.getVector("price").isNull(3)).isTrue();
          });
      try (VectorSchemaRoot root = root(allocator, 0, 500)) {
        db.source("trades").push(root);
        assertThat(names).containsExactly("symbol", "price", "ts");
        assertThat(out)
            .containsExactly(
                root.getVector("SYMBOL").getDataBuffer().memoryAddress(),
                root.getVector("price").getDataBuffer().memoryAddress(),
                root.getVector("ts").getDataBuffer().memoryAddress());
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void theRootMayBeClosedAtOnce() {
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db = threaded(TRADES)) {
      Subscription trades = db.subscribe("trades");
      for (int i = 0; i < 20; i++) {
        try (VectorSchemaRoot root = root(allocator, i * 1000, i * 1000 + 1000)) {
          db.source("trades").push(root);
        }
      }
      db.sync();
      assertThat(allocator.getAllocatedMemory()).isZero();
      List<String> rows = texts(trades.drain());
      assertThat(rows).hasSize(20_000);
      assertThat(rows.get(19_999)).isEqualTo("A19999 9999.5 19999");
      assertThat(rows.get(3)).isEqualTo("A3 null 3");
    }
  }

  @Test
  void batchesWaitBeforeStartAndAreFreedOnClose() {
    try (RootAllocator allocator = new RootAllocator()) {
      try (LaminarDB db = LaminarDB.builder().ringRows(64).build()) {
        db.execute(TRADES);
        int taken = 0;
        boolean room = true;
        while (room) {
          try (VectorSchemaRoot root = root(allocator, 0, 64)) {
            room = db.source("trades").tryPush(root);
            taken += room ? 1 : 0;
          }
        }
        assertThat(taken).isPositive();
        try (VectorSchemaRoot root = root(allocator, 0, 64)) {
          assertThat(error(() -> db.source("trades").push(root)).code())
              .isEqualTo(ErrorCode.NOT_STARTED);
        }
        assertThat(allocator.getAllocatedMemory()).isPositive();
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void aRootOfOtherColumnsIsRefused() {
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db = inline(TRADES);
        BigIntVector ts = new BigIntVector("time", allocator);
        VectorSchemaRoot root = VectorSchemaRoot.of(ts)) {
      assertThat(error(() -> db.source("trades").push(root)).code())
          .isEqualTo(ErrorCode.SCHEMA_MISMATCH);
    }
  }

  @Test
  void aChangelogHasItsWeightsInTheLastColumn() {
    try (LaminarDB db = inline(TRADES, "CREATE STREAM n AS SELECT COUNT(*) AS n FROM trades")) {
      List<String> rows = new ArrayList<>();
      db.subscribeArrow(
          "n",
          root -> {
            int last = root.getFieldVectors().size() - 1;
            assertThat(root.getVector(last).getName()).isEqualTo("__weight");
            for (int i = 0; i < root.getRowCount(); i++) {
              rows.add(root.getVector(0).getObject(i) + " " + root.getVector(last).getObject(i));
            }
          });
      db.source("trades").push("A", 1.0, 1L);
      assertThat(rows).endsWith("0 -1", "1 1");
    }
  }

  @Test
  void everyBatchIsSeenWholeHoweverTextsGrowAndWhateverTheListenerDoesToTheRoot() {
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db =
            inline(
                TRADES,
                "CREATE STREAM s AS SELECT symbol || symbol AS s, price, ts + 1 AS ts FROM trades WHERE ts >= 0")) {
      List<String> rows = new ArrayList<>();
      db.subscribeArrow(
          "s",
          root -> {
            for (int i = 0; i < root.getRowCount(); i++) {
              rows.add(
                  root.getVector(0).getObject(i)
                      + " "
                      + root.getVector(1).getObject(i)
                      + " "
                      + root.getVector(2).getObject(i));
            }
            if (rows.size() % 2 == 0) {
              root.close();
            }
          });
      List<String> expected = new ArrayList<>();
      int size = 1;
      for (int batch = 0; batch < 12; batch++, size = size % 5000 * 3) {
        try (BigIntVector ts = new BigIntVector("ts", allocator);
            VarCharVector symbol = new VarCharVector("symbol", allocator);
            Float8Vector price = new Float8Vector("price", allocator)) {
          for (int i = 0; i < 50 + batch; i++) {
            String text = "x".repeat(i == 3 ? size : 1);
            ts.setSafe(i, i);
            symbol.setSafe(i, new Text(text));
            price.setValueCount(i + 1);
            expected.add(text + text + " null " + (i + 1));
          }
          try (VectorSchemaRoot root = VectorSchemaRoot.of(ts, symbol, price)) {
            root.setRowCount(50 + batch);
            db.source("trades").push(root);
          }
        }
      }
      assertThat(rows).isEqualTo(expected);
    }
  }

  @Test
  void aQueryIsDroppedWhileItsArrowListenerLooksOn() {
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db = threaded(TRADES)) {
      for (int i = 0; i < 3; i++) {
        db.execute("CREATE STREAM n AS SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol");
        Subscription subscription = db.subscribeArrow("n", root -> {});
        try (VectorSchemaRoot root = root(allocator, 0, 1000)) {
          db.source("trades").push(root);
        }
        db.sync();
        if (i == 1) {
          subscription.close();
        }
        db.execute("DROP STREAM n");
      }
    }
  }
}
