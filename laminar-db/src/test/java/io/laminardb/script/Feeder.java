package io.laminardb.script;

import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.core.batch.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Brings rows into a source the way a mode says. One thread. */
public final class Feeder {
  private final Mode mode;
  private final Random random;
  private final BufferAllocator allocator;
  private final Runnable betweenPushes;

  /**
   * @param allocator for Arrow batches; to be closed after the database
   * @param betweenPushes runs after each push
   */
  public Feeder(Mode mode, Random random, BufferAllocator allocator, Runnable betweenPushes) {
    this.mode = mode;
    this.random = random;
    this.allocator = allocator;
    this.betweenPushes = betweenPushes;
  }

  /** Pushes rows. */
  public void push(Source source, List<Object[]> rows) {
    byte[] weights = new byte[rows.size()];
    java.util.Arrays.fill(weights, (byte) 1);
    feed(source, rows, weights);
  }

  /** Pushes rows with weights +1 or retracts those with -1. */
  public void feed(Source source, List<Object[]> rows, byte[] weights) {
    switch (mode.feed()) {
      case ROWS -> pushRows(source, rows, weights);
      case WRITER -> writeRows(source, rows, weights);
      case RANDOM_BATCHES, CODED_BATCHES -> {
        int from = 0;
        while (from < rows.size()) {
          int to = Math.min(rows.size(), from + 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
          pushBatch(source, rows, weights, from, to);
          from = to;
        }
      }
      case ONE_BATCH -> pushBatch(source, rows, weights, 0, rows.size());
    }
  }

  private void pushRows(Source source, List<Object[]> rows, byte[] weights) {
    for (int r = 0; r < rows.size(); r++) {
      if (weights[r] > 0) {
        source.push(rows.get(r));
      } else {
        source.retract(rows.get(r));
      }
      betweenPushes.run();
    }
  }

  private void writeRows(Source source, List<Object[]> rows, byte[] weights) {
    RowWriter writer = source.rows();
    for (int r = 0; r < rows.size(); r++) {
      writer.begin();
      Object[] row = rows.get(r);
      for (int c = 0; c < row.length; c++) {
        writer.setObject(c, row[c]);
      }
      if (weights[r] > 0) {
        writer.endRow();
      } else {
        writer.retractRow();
      }
      betweenPushes.run();
    }
  }

  private void pushBatch(Source source, List<Object[]> rows, byte[] weights, int from, int to) {
    Schema schema = source.schema();
    List<Object[]> some = new ArrayList<>(rows.subList(from, to));
    byte[] theirs = java.util.Arrays.copyOfRange(weights, from, to);
    VectorSchemaRoot root = ArrowRows.root(schema, some, theirs, allocator);
    if (mode.feed() == Mode.Feed.CODED_BATCHES) {
      try (CodedRows coded = new CodedRows(root, random, allocator)) {
        source.push(coded.root(), coded.dictionaries());
      }
    } else {
      try (root) {
        source.push(root);
      }
    }
    betweenPushes.run();
  }
}
