package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Field;

/** Makes Arrow roots of batches; see {@link ArrowSchemas} for what the schema says. */
public final class ArrowExport {
  private ArrowExport() {}

  /**
   * The rows on loan as a root over the same buffers; the caller closes it. The root shares memory:
   * it is valid until whoever owns the batch fills it anew, even when closed later. Copied are only
   * what Arrow wants otherwise: weights, nested columns, and offsets and validity bits where the range does not
   * start at the first row.
   *
   * @param allocator where copies come from, and the memory of the root is counted where both share
   *     a root allocator
   */
  public static VectorSchemaRoot root(Batch batch, BufferAllocator allocator) {
    Schema schema = batch.schema();
    org.apache.arrow.vector.types.pojo.Schema arrow = ArrowSchemas.toArrow(schema);
    List<FieldVector> vectors = new ArrayList<>();
    try {
      for (int i = 0; i < schema.size(); i++) {
        vectors.add(vector(arrow.getFields().get(i), batch.column(i), batch, allocator));
      }
      if (schema.isChangelog()) {
        vectors.add(weights(arrow.getFields().get(schema.size()), batch, allocator));
      }
    } catch (RuntimeException e) {
      vectors.forEach(FieldVector::close);
      throw e;
    }
    return new VectorSchemaRoot(arrow, vectors, batch.size());
  }

  /** The rows on loan as a root with memory of its own, which may be kept; the caller closes it. */
  public static VectorSchemaRoot copy(Batch batch, BufferAllocator allocator) {
    try (Batch copy = new Batch(batch.schema(), Math.max(1, batch.size()), allocator)) {
      copy.append(batch, batch.from(), batch.to());
      return root(copy, allocator);
    }
  }

  private static FieldVector vector(
      Field field, Column column, Batch batch, BufferAllocator fallback) {
    BufferAllocator allocator =
        shares(column.dataBuffer(), fallback)
            ? fallback
            : column.dataBuffer().getReferenceManager().getAllocator();
    if (column.type().isNested()) {
      return NestedExport.vector(field, column, batch, allocator);
    }
    FieldVector vector = field.createVector(allocator);
    try {
      int rows = batch.to();
      List<ArrowBuf> buffers = new ArrayList<>(3);
      int nulls = column.validityAddress() == 0 ? 0 : nulls(column, rows);
      buffers.add(nulls == 0 ? allocator.getEmpty() : column.validityBuffer());
      if (column.offsetsBuffer() != null) {
        buffers.add(column.offsetsBuffer());
      }
      buffers.add(column.dataBuffer());
      vector.loadFieldBuffers(new ArrowFieldNode(rows, nulls), buffers);
      return batch.from() == 0 ? vector : slice(vector, batch);
    } catch (RuntimeException e) {
      vector.close();
      throw e;
    }
  }

  /** Whether a buffer's memory can be counted by {@code allocator}. */
  static boolean shares(ArrowBuf buffer, BufferAllocator allocator) {
    BufferAllocator owner = buffer.getReferenceManager().getAllocator();
    return owner.getRoot() == allocator.getRoot();
  }

  private static FieldVector slice(FieldVector vector, Batch batch) {
    try (vector) {
      var transfer = vector.getTransferPair(vector.getField(), vector.getAllocator());
      transfer.splitAndTransfer(batch.from(), batch.size());
      return (FieldVector) transfer.getTo();
    }
  }

  private static int nulls(Column column, int rows) {
    long address = column.validityAddress();
    int valid = 0;
    int row = 0;
    for (; row + 8 <= rows; row += 8) {
      valid += Integer.bitCount(Memory.getByte(address + (row >>> 3)) & 0xff);
    }
    for (; row < rows; row++) {
      valid += Memory.getBit(address, row) ? 1 : 0;
    }
    return rows - valid;
  }

  private static BigIntVector weights(Field field, Batch batch, BufferAllocator allocator) {
    BigIntVector vector = new BigIntVector(field, allocator);
    vector.allocateNew(Math.max(1, batch.size()));
    for (int row = batch.from(); row < batch.to(); row++) {
      vector.set(row - batch.from(), batch.weight(row));
    }
    vector.setValueCount(batch.size());
    return vector;
  }
}
