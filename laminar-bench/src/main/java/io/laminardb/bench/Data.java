package io.laminardb.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The events of a workload, generated from a seed and held as Arrow batches: {@code symbol VARCHAR,
 * price DOUBLE, volume BIGINT, ts BIGINT}, none of them NULL.
 *
 * <p>Prices are multiples of a quarter, so that sums are exact in any order and checksums of
 * different engines can be compared bit for bit.
 */
final class Data implements AutoCloseable {
  static final int BATCH_ROWS = 4096;

  /**
   * @param rows events in all
   * @param keys distinct symbols
   * @param keyPrefix what a symbol begins with
   * @param rowsPerMilli events of one millisecond
   */
  record Shape(long rows, int keys, String keyPrefix, int rowsPerMilli) {
    Shape withRows(long newRows) {
      return new Shape(newRows, keys, keyPrefix, rowsPerMilli);
    }
  }

  private static final Schema SCHEMA =
      new Schema(
          List.of(
              new Field("symbol", FieldType.notNullable(new ArrowType.Utf8()), null),
              new Field(
                  "price",
                  FieldType.notNullable(new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
                  null),
              new Field("volume", FieldType.notNullable(new ArrowType.Int(64, true)), null),
              new Field("ts", FieldType.notNullable(new ArrowType.Int(64, true)), null)));

  private final Shape shape;
  private final List<VectorSchemaRoot> batches = new ArrayList<>();
  private final BufferAllocator allocator;
  private final List<VectorSchemaRoot> codedBatches = new ArrayList<>();
  private final DictionaryProvider.MapDictionaryProvider dictionaries =
      new DictionaryProvider.MapDictionaryProvider();
  private VarCharVector dictionary;
  private final String[] symbols;
  private final int[] symbolOfRow;

  Data(Shape shape, BufferAllocator allocator) {
    this.shape = shape;
    this.allocator = allocator;
    symbols = new String[shape.keys()];
    symbolOfRow = new int[Math.toIntExact(shape.rows())];
    byte[][] symbolBytes = new byte[shape.keys()][];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = shape.keyPrefix() + i;
      symbolBytes[i] = symbols[i].getBytes(StandardCharsets.UTF_8);
    }
    SplittableRandom random = new SplittableRandom(42);
    for (long row = 0; row < shape.rows(); row += BATCH_ROWS) {
      int count = (int) Math.min(BATCH_ROWS, shape.rows() - row);
      batches.add(batch(row, count, symbolBytes, random, allocator));
    }
  }

  private VectorSchemaRoot batch(
      long firstRow,
      int count,
      byte[][] symbolBytes,
      SplittableRandom random,
      BufferAllocator allocator) {
    VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, allocator);
    VarCharVector symbol = (VarCharVector) root.getVector(0);
    Float8Vector price = (Float8Vector) root.getVector(1);
    BigIntVector volume = (BigIntVector) root.getVector(2);
    BigIntVector ts = (BigIntVector) root.getVector(3);
    symbol.allocateNew(count * 8L, count);
    price.allocateNew(count);
    volume.allocateNew(count);
    ts.allocateNew(count);
    for (int i = 0; i < count; i++) {
      int key = random.nextInt(shape.keys());
      symbolOfRow[(int) firstRow + i] = key;
      symbol.setSafe(i, symbolBytes[key]);
      price.set(i, 100 + random.nextInt(400) * 0.25);
      volume.set(i, 1 + random.nextInt(1000));
      ts.set(i, 1_700_000_000_000L + (firstRow + i) / shape.rowsPerMilli());
    }
    root.setRowCount(count);
    return root;
  }

  List<VectorSchemaRoot> batches() {
    return batches;
  }

  /** The same batches with symbols as numbers of a dictionary; made when they are first asked for. */
  List<VectorSchemaRoot> codedBatches() {
    if (dictionary == null) {
      dictionary = new VarCharVector("symbols", allocator);
      for (int i = 0; i < symbols.length; i++) {
        dictionary.setSafe(i, symbols[i].getBytes(StandardCharsets.UTF_8));
      }
      dictionary.setValueCount(symbols.length);
      DictionaryEncoding encoding = new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
      dictionaries.put(new Dictionary(dictionary, encoding));
      Field symbol =
          new Field("symbol", new FieldType(false, encoding.getIndexType(), encoding), null);
      int row = 0;
      for (VectorSchemaRoot plain : batches) {
        IntVector codes = new IntVector(symbol, allocator);
        codes.allocateNew(plain.getRowCount());
        for (int i = 0; i < plain.getRowCount(); i++) {
          codes.set(i, symbolOfRow[row++]);
        }
        codes.setValueCount(plain.getRowCount());
        codedBatches.add(
            VectorSchemaRoot.of(codes, plain.getVector(1), plain.getVector(2), plain.getVector(3)));
      }
    }
    return codedBatches;
  }

  DictionaryProvider dictionaries() {
    return dictionaries;
  }

  long rows() {
    return shape.rows();
  }

  /** The symbol of a row, as a row-at-a-time producer has it. */
  String symbol(int row) {
    return symbols[symbolOfRow[row]];
  }

  /** Where a column's values start. */
  static long address(VectorSchemaRoot root, int column) {
    ArrowBuf data = root.getVector(column).getDataBuffer();
    return data.memoryAddress();
  }

  /** Where a text column's offsets start. */
  static long offsets(VectorSchemaRoot root, int column) {
    return root.getVector(column).getOffsetBuffer().memoryAddress();
  }

  @Override
  public void close() {
    codedBatches.forEach(VectorSchemaRoot::close);
    batches.forEach(VectorSchemaRoot::close);
    if (dictionary != null) {
      dictionary.close();
    }
  }
}
