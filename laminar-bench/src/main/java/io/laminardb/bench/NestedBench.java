package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.util.Text;

/** What arrays of four elements cost, from an Arrow batch to an Arrow batch; one line a query. */
public final class NestedBench {
  private static final int ROWS = 4096;
  private static final int ELEMENTS = 4;
  private static final int WARM_UP = 200;
  private static final int BATCHES = 500;

  private NestedBench() {}

  public static void main(String[] arguments) {
    for (boolean text : new boolean[] {false, true}) {
      Map<String, String> queries = new LinkedHashMap<>();
      queries.put("pass on", "SELECT id, tags FROM s");
      queries.put("tags[2]", "SELECT id, tags[2] AS t FROM s");
      String wanted = text ? "'tag 3'" : "3";
      queries.put("contains", "SELECT id FROM s WHERE ARRAY_CONTAINS(tags, " + wanted + ")");
      queries.put("unnest", "SELECT id, x FROM s CROSS JOIN UNNEST(tags) AS u(x)");
      queries.put(
          "group by",
          "SELECT tags, COUNT(*) AS n FROM s GROUP BY tags, tumble(ts, INTERVAL '1' HOUR)");
      queries.forEach((name, query) -> run(text, name, query));
    }
  }

  private static void run(boolean text, String name, String query) {
    try (LaminarDB db = LaminarDB.builder().inline().build();
        BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = rows(text, allocator)) {
      String type = text ? "VARCHAR" : "BIGINT";
      db.execute("CREATE SOURCE s (id BIGINT, tags " + type + " ARRAY, ts BIGINT)");
      db.execute("CREATE STREAM q AS " + query);
      long[] out = new long[1];
      db.subscribeArrow("q", result -> out[0] += result.getRowCount());
      db.start();
      Source source = db.source("s");
      push(source, root, WARM_UP);
      db.sync();
      long start = System.nanoTime();
      push(source, root, BATCHES);
      db.sync();
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "{\"type\": \"%s ARRAY\", \"query\": \"%s\", \"rows/s\": %.0f, \"out\": %d}%n",
          type, name, (double) BATCHES * ROWS / seconds, out[0]);
    }
  }

  private static void push(Source source, VectorSchemaRoot root, int times) {
    for (int i = 0; i < times; i++) {
      source.push(root);
    }
  }

  private static VectorSchemaRoot rows(boolean text, BufferAllocator allocator) {
    BigIntVector id = new BigIntVector("id", allocator);
    BigIntVector ts = new BigIntVector("ts", allocator);
    ListVector tags = ListVector.empty("tags", allocator);
    tags.addOrGetVector(
        FieldType.nullable(text ? ArrowType.Utf8.INSTANCE : new ArrowType.Int(64, true)));
    for (int row = 0; row < ROWS; row++) {
      id.setSafe(row, row);
      ts.setSafe(row, row);
      int first = tags.startNewValue(row);
      for (int i = 0; i < ELEMENTS; i++) {
        put(tags.getDataVector(), first + i, (row + i) % 100);
      }
      tags.endValue(row, ELEMENTS);
    }
    List<FieldVector> vectors = new ArrayList<>(List.of(id, tags, ts));
    vectors.forEach(vector -> vector.setValueCount(ROWS));
    return new VectorSchemaRoot(vectors);
  }

  private static void put(FieldVector elements, int index, int value) {
    if (elements instanceof VarCharVector texts) {
      texts.setSafe(index, new Text("tag " + value));
    } else {
      ((BigIntVector) elements).setSafe(index, value);
    }
  }
}
