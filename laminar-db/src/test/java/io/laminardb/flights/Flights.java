package io.laminardb.flights;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The file of flights, read by DuckDB in its own order, as Arrow roots. */
final class Flights implements AutoCloseable {
  static final String SOURCE =
      "CREATE SOURCE flights (flown TIMESTAMP(6), delay BIGINT, distance BIGINT,"
          + " origin VARCHAR, destination VARCHAR, WATERMARK FOR flown)";

  private static final int ROOT_ROWS = 8192;
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.nullable("flown", new ArrowType.Timestamp(TimeUnit.MICROSECOND, null)),
              Field.nullable("delay", new ArrowType.Int(64, true)),
              Field.nullable("distance", new ArrowType.Int(64, true)),
              Field.nullable("origin", new ArrowType.Utf8()),
              Field.nullable("destination", new ArrowType.Utf8())));

  private final Map<String, byte[]> texts = new HashMap<>();
  private final ResultSet rows;
  private final BufferAllocator allocator;

  private Flights(ResultSet rows, BufferAllocator allocator) {
    this.rows = rows;
    this.allocator = allocator;
  }

  /** The file {@code ../shared/data/flights-3m.parquet} of the repository's root; null if absent. */
  static Path file() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("shared/data/flights-3m.parquet");
      if (Files.exists(file)) {
        return file;
      }
    }
    return null;
  }

  /** Makes the file the view {@code flights} of a DuckDB. */
  static void view(Path file, Connection duck) throws SQLException {
    try (Statement statement = duck.createStatement()) {
      statement.execute(
          "CREATE TABLE flights AS SELECT date AS flown, delay, distance, origin, destination"
              + " FROM '"
              + file.toString().replace("'", "''")
              + "'");
    }
  }

  /** Reads the flights of a DuckDB in the order of the file. */
  static Flights read(Statement duck, BufferAllocator allocator) throws SQLException {
    return new Flights(
        duck.executeQuery(
            "SELECT epoch_us(flown), delay, distance, origin, destination FROM flights"
                + " ORDER BY rowid"),
        allocator);
  }

  /** The next flights, or null at the end; the caller closes the root. */
  VectorSchemaRoot next() throws SQLException {
    VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, allocator);
    List<VarCharVector> codes = new ArrayList<>();
    TimeStampMicroVector flown = (TimeStampMicroVector) root.getVector(0);
    BigIntVector delay = (BigIntVector) root.getVector(1);
    BigIntVector distance = (BigIntVector) root.getVector(2);
    codes.add((VarCharVector) root.getVector(3));
    codes.add((VarCharVector) root.getVector(4));
    root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(ROOT_ROWS));
    root.allocateNew();
    int count = 0;
    for (; count < ROOT_ROWS && rows.next(); count++) {
      flown.setSafe(count, rows.getLong(1));
      delay.setSafe(count, rows.getLong(2));
      distance.setSafe(count, rows.getLong(3));
      codes.get(0).setSafe(count, utf8(rows.getString(4)));
      codes.get(1).setSafe(count, utf8(rows.getString(5)));
    }
    root.setRowCount(count);
    if (count == 0) {
      root.close();
      return null;
    }
    return root;
  }

  private byte[] utf8(String text) {
    return texts.computeIfAbsent(text, each -> each.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws SQLException {
    rows.close();
  }
}
