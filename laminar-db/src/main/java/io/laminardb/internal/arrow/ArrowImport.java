package io.laminardb.internal.arrow;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Makes batches of Arrow roots. Columns are matched by name, whatever their order and case; the
 * root must have every column and no other, except {@link ArrowSchemas#WEIGHT}. Roots of the same
 * {@code Field} objects are matched once, and cost no object on the heap when they come in the
 * shells of batches before.
 *
 * <p><b>Ownership.</b> The batch shares the root's buffers and keeps them alive: the caller may
 * close (or clear and reallocate) the root at once, must not write to its vectors any more, and
 * closes its allocator only when the batch has been closed. Copied, from {@code allocator}, are:
 * columns in another unit of time, nested columns, dictionaries (see {@link CodedImport}), and weights.
 *
 * <p>One thread at a time.
 */
public final class ArrowImport implements AutoCloseable {
  private final String owner;
  private final Schema schema;
  private final BufferAllocator allocator;
  private final CodedImport coded;
  private RootShape lastShape;

  /**
   * @param owner whose columns they are, for errors, such as {@code source "trades"}
   */
  public ArrowImport(String owner, Schema schema, BufferAllocator allocator) {
    this.owner = requireNonNull(owner, "owner");
    this.schema = requireNonNull(schema, "schema");
    this.allocator = requireNonNull(allocator, "allocator");
    this.coded = new CodedImport(owner, schema.size(), allocator);
  }

  /** {@link #batch(VectorSchemaRoot, DictionaryProvider, Batch)}, without dictionaries. */
  public Batch batch(VectorSchemaRoot root, Batch shell) {
    return batch(root, null, shell);
  }

  /**
   * The rows of {@code root} as a batch, which the caller closes.
   *
   * @param dictionaries where dictionary-encoded columns find their values, or null
   * @param shell a batch made before and closed, to be used again, or null
   * @throws LaminarException SCHEMA_MISMATCH if the columns differ; NULL_NOT_ALLOWED for a NULL in
   *     a NOT NULL column; nothing is kept of the root then
   */
  public Batch batch(VectorSchemaRoot root, DictionaryProvider dictionaries, Batch shell) {
    RootShape shape = shape(root);
    int rows = root.getRowCount();
    Batch batch = shell == null ? Batch.shell(schema) : shell;
    try {
      for (int i = 0; i < schema.size(); i++) {
        fill(batch.column(i), i, shape, root, dictionaries);
      }
      batch.adopt(weights(shape.weights(root), rows), rows);
      return batch;
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  private RootShape shape(VectorSchemaRoot root) {
    RootShape shape = lastShape;
    if (shape == null || !shape.fits(root)) {
      shape = new RootShape(root, owner, schema);
      lastShape = shape;
    }
    return shape;
  }

  private void fill(
      Column column,
      int index,
      RootShape shape,
      VectorSchemaRoot root,
      DictionaryProvider dictionaries) {
    FieldVector vector = shape.vector(root, index);
    int rows = root.getRowCount();
    if (vector.getField().getDictionary() != null) {
      coded.fill(column, index, schema.field(index), vector, dictionaries, rows);
      return;
    }
    ColumnImport.checkNulls(vector, schema.field(index), rows, owner);
    if (schema.field(index).type().isNested()) {
      NestedImport.fill(column, vector, schema.field(index), rows, owner, allocator);
      return;
    }
    ColumnImport.checkLengths(vector, schema.field(index), rows, owner);
    ColumnImport.fill(column, vector, schema.field(index), shape.unitNanos(index), rows, allocator);
  }

  private ArrowBuf weights(BaseIntVector vector, int rows) {
    checkWeights(vector, rows, owner, schema.isChangelog());
    if (!schema.isChangelog()) {
      return null;
    }
    ArrowBuf weights = allocator.buffer(Math.max(1, rows));
    for (int i = 0; i < rows; i++) {
      byte weight = vector == null ? 1 : (byte) vector.getValueAsLong(i);
      Memory.putByte(weights.memoryAddress() + i, weight);
    }
    return weights;
  }

  private static void checkWeights(
      BaseIntVector vector, int rows, String owner, boolean changelog) {
    for (int i = 0; vector != null && i < rows; i++) {
      long weight = vector.isNull(i) ? 0 : vector.getValueAsLong(i);
      if (weight == -1 && !changelog) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                owner + " is append-only, but row " + i + " has weight -1.")
            .mend("Declare it WITH (changelog = 'retract').");
      }
      if (weight != 1 && weight != -1) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                "row "
                    + i
                    + " has weight "
                    + (vector.isNull(i) ? "NULL" : weight)
                    + ", must be +1 or -1.")
            .mend("Push a row several times to count it several times.");
      }
    }
  }

  /** Lets go of the dictionaries it has seen; batches that use them stay as they are. */
  @Override
  public void close() {
    coded.close();
  }
}
