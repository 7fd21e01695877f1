package io.laminardb.internal.arrow;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/**
 * The root that a listener sees, over the buffers of the batch on loan. An operator fills the same
 * buffers again and again: so the same vectors stay over them, and a batch costs no object but sets
 * the number of rows. Batches over other memory (a producer's, or not from their first row on), or
 * with nested columns, get a root of their own.
 *
 * <p>One thread at a time. What the caller does to the root lasts until the next batch only.
 */
public final class LentRoot implements AutoCloseable {
  private final BufferAllocator allocator;
  private VectorSchemaRoot root; // null before the first batch
  private VectorSchemaRoot temporary; // of the batch on loan, where it could not have ours
  private View[] views;
  private ArrowBuf allValid; // validity of columns that are NOT NULL
  private int capacity;

  /**
   * @param allocator where copies come from and the memory of roots is counted
   */
  public LentRoot(BufferAllocator allocator) {
    this.allocator = requireNonNull(allocator, "allocator");
  }

  /** A vector, the column it is over, and the buffers it was given then. */
  private static final class View {
    final FieldVector vector;
    Column column;
    ArrowBuf columnData;
    ArrowBuf validity;
    ArrowBuf data;

    View(FieldVector vector) {
      this.vector = vector;
    }

    /** Whether the vector is over the column as it is now, and nobody has changed it. */
    boolean isOver(Column other) {
      return column == other
          && columnData == other.dataBuffer()
          && vector.getValidityBuffer() == validity
          && vector.getDataBuffer() == data;
    }
  }

  /** The rows on loan; valid until {@link #giveBack}. */
  public VectorSchemaRoot lend(Batch batch) {
    if (!canKeep(batch)) {
      temporary = ArrowExport.root(batch, allocator);
      return temporary;
    }
    int rows = batch.size();
    if (root == null) {
      create(batch.schema());
    }
    if (capacity < batch.capacity()) {
      grow(batch.capacity());
    }
    for (int i = 0; i < batch.schema().size(); i++) {
      View view = views[i];
      if (!view.isOver(batch.column(i))) {
        look(view, batch.column(i));
      }
      if (view.vector instanceof BaseVariableWidthVector texts) {
        texts.setLastSet(rows - 1); // else setRowCount writes the offsets anew
      }
    }
    if (batch.schema().isChangelog()) {
      setWeights(batch);
    }
    root.setRowCount(rows);
    return root;
  }

  /** The listener is through with what it was lent. */
  public void giveBack() {
    if (temporary != null) {
      temporary.close();
      temporary = null;
    }
  }

  private boolean canKeep(Batch batch) {
    if (batch.from() != 0) {
      return false;
    }
    for (int i = 0; i < batch.schema().size(); i++) {
      Column column = batch.column(i);
      if (column.isImported()
          || column.type().isNested()
          || !ArrowExport.shares(column.dataBuffer(), allocator)) {
        return false;
      }
    }
    return true;
  }

  private void create(Schema schema) {
    root = VectorSchemaRoot.create(ArrowSchemas.toArrow(schema), allocator);
    views = new View[schema.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = new View(root.getVector(i));
    }
  }

  /** Lets a vector be over a column. */
  private void look(View view, Column column) {
    view.column = null;
    List<ArrowBuf> buffers =
        column.offsetsBuffer() == null
            ? List.of(validity(column), column.dataBuffer())
            : List.of(validity(column), column.offsetsBuffer(), column.dataBuffer());
    view.vector.loadFieldBuffers(new ArrowFieldNode(capacity, 0), buffers);
    view.column = column;
    view.columnData = column.dataBuffer();
    view.validity = view.vector.getValidityBuffer();
    view.data = view.vector.getDataBuffer();
  }

  private ArrowBuf validity(Column column) {
    return column.validityBuffer() == null ? allValid : column.validityBuffer();
  }

  private void grow(int rows) {
    long bytes = Column.bitmapBytes(rows);
    ArrowBuf larger = allocator.buffer(bytes);
    Memory.fill(larger.memoryAddress(), bytes, (byte) 0xff);
    if (allValid != null) {
      allValid.close();
    }
    allValid = larger;
    capacity = rows;
    for (View view : views) {
      view.column = null;
    }
  }

  private void setWeights(Batch batch) {
    FieldVector vector = root.getVector(views.length);
    int rows = batch.size();
    if (vector.getValueCapacity() < rows) {
      vector.setInitialCapacity(batch.capacity());
      vector.allocateNew();
    }
    Memory.fill(vector.getValidityBuffer().memoryAddress(), (rows + 7) >>> 3, (byte) 0xff);
    long to = vector.getDataBuffer().memoryAddress();
    long from = batch.weightsAddress();
    for (int row = 0; row < rows; row++) {
      Memory.putLong(to + ((long) row << 3), Memory.getByte(from + row));
    }
  }

  /** Lets go of all memory; the next batch takes some again. */
  @Override
  public void close() {
    giveBack();
    if (root != null) {
      root.close();
      root = null;
    }
    if (allValid != null) {
      allValid.close();
      allValid = null;
    }
    capacity = 0;
  }
}
