package io.laminardb.core.batch;

import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows of a stream as columns, with a weight a row where the stream is a changelog.
 *
 * <p>A batch is <em>on loan</em> for the duration of the call that passes it: the rows {@code [from,
 * to)} may be read until the call returns; who keeps rows copies them. Its owner fills it, offers it,
 * and once it is accepted clears and fills it again.
 *
 * <p>Filling: write row {@link #rowCount()} of every column, then call {@link #endRow()}.
 */
public final class Batch implements AutoCloseable {
  /** Rows of a batch unless there is a reason for another number. */
  public static final int DEFAULT_CAPACITY = 4096;

  private final Schema schema;
  private final Column[] columns;
  private int capacity;
  private final Batch source; // whose columns a view borrows; null for a batch with its own
  private ArrowBuf weights;
  private long weightsAddress;
  private int from;
  private int to;
  private boolean isHeavy;

  /** An empty, writable batch of {@code capacity} rows. */
  public Batch(Schema schema, int capacity, BufferAllocator allocator) {
    this.schema = schema;
    this.capacity = capacity;
    this.source = null;
    this.columns = new Column[schema.size()];
    try {
      for (int i = 0; i < columns.length; i++) {
        columns[i] = new Column(schema.field(i), capacity, allocator);
        columns[i].of(this);
      }
      if (schema.isChangelog()) {
        weights = allocator.buffer(capacity);
        weightsAddress = weights.memoryAddress();
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * A batch of {@code rowCount} rows over columns it owns from now on; {@code weights} is null for
   * an append-only schema.
   */
  public Batch(Schema schema, Column[] columns, ArrowBuf weights, int rowCount) {
    this.schema = schema;
    this.columns = columns;
    this.source = null;
    adopt(weights, rowCount);
  }

  private Batch(Schema schema, Column[] columns, Batch source) {
    this.schema = schema;
    this.columns = columns;
    this.source = source;
    followSource();
    this.to = capacity;
  }

  /**
   * Makes a closed batch one of {@code rowCount} rows again, whose columns have adopted other buffers;
   * for a batch that was made over columns.
   */
  public void adopt(ArrowBuf newWeights, int rowCount) {
    weights = newWeights;
    weightsAddress = newWeights == null ? 0 : newWeights.memoryAddress();
    capacity = rowCount;
    from = 0;
    to = rowCount;
  }

  /** A batch of imported columns that holds nothing, and is to {@link #adopt} or {@link #share}. */
  public static Batch shell(Schema schema) {
    Column[] columns = new Column[schema.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = Column.imported(schema.field(i).type());
    }
    return new Batch(schema, columns, null, 0);
  }

  /** Whether its buffers will never be written to, so that others may {@link #share} them. */
  public boolean isShareable() {
    for (Column column : columns) {
      if (!column.isImported() || column.codesAddress() != 0) {
        return false;
      }
    }
    return weights == null;
  }

  /**
   * Lets a closed batch over imported columns be the rows on loan in another one that {@link
   * #isShareable}; their buffers stay until both are closed. Nothing is copied.
   */
  public void share(Batch other) {
    for (int i = 0; i < columns.length; i++) {
      columns[i].share(other.columns[i]);
    }
    adopt(null, other.capacity);
    range(other.from, other.to);
  }

  /** Whether it was made over imported columns, and can {@link #adopt} others once it is closed. */
  public boolean isImported() {
    for (Column column : columns) {
      if (!column.isImported()) {
        return false;
      }
    }
    return source == null;
  }

  /**
   * A view on some columns of {@code source}, of the same rows and weights, which borrows them: valid
   * as long as they are, and nothing to close. The caller sets the range, whenever the source's moves.
   */
  public static Batch view(Schema schema, Batch source, int[] columnIndexes) {
    Column[] picked = new Column[columnIndexes.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = source.columns[columnIndexes[i]];
    }
    return new Batch(schema, picked, source);
  }

  /** The source may be another lot of imported rows by now, with other weights. */
  private void followSource() {
    capacity = source.capacity;
    if (schema.isChangelog()) {
      weights = source.weights;
      weightsAddress = source.weightsAddress;
    }
  }

  /**
   * A view on {@code columns}, whosesoever they are, with the weights of {@code source}, all of them
   * borrowed: valid as long as they are, and nothing to close. The caller sets the range.
   */
  public static Batch view(Schema schema, Column[] columns, Batch source) {
    return new Batch(schema, columns.clone(), source);
  }

  public Schema schema() {
    return schema;
  }

  public Column column(int index) {
    return columns[index];
  }

  public int capacity() {
    return capacity;
  }

  /** The first row on loan. */
  public int from() {
    return from;
  }

  /** The row behind the last one on loan. */
  public int to() {
    return to;
  }

  /** Rows on loan. */
  public int size() {
    return to - from;
  }

  /** Lends rows {@code [newFrom, newTo)}. */
  public void range(int newFrom, int newTo) {
    if (source != null) {
      followSource();
    }
    assert newFrom >= 0 && newFrom <= newTo && newTo <= capacity : newFrom + ".." + newTo;
    from = newFrom;
    to = newTo;
  }

  /** Rows written so far, of a batch that is being filled. */
  public int rowCount() {
    return to;
  }

  /** Whether no more rows should be written: as many as fit are there, or much text. */
  public boolean isFull() {
    return to == capacity || isHeavy && to > 0;
  }

  /** A column has got more text than a batch should have. */
  void heavy() {
    isHeavy = true;
  }

  /** Ends the row that was written at {@link #rowCount()}. */
  public void endRow() {
    to++;
  }

  /** Ends the row with its weight; for changelogs. */
  public void endRow(int weight) {
    Memory.putByte(weightsAddress + to, (byte) weight);
    to++;
  }

  /** Sets how many rows have been written; a kernel that writes many sets it once. */
  public void rowCount(int rows) {
    to = rows;
  }

  /** Goes on filling at row {@code row}, whatever is before it; rows of before are lost. */
  public void continueAt(int row) {
    to = row;
    for (Column column : columns) {
      column.continueAt(row);
    }
  }

  /** Where the weight bytes start, or 0 for append-only rows. */
  public long weightsAddress() {
    return weightsAddress;
  }

  /** The weight buffer, or null; borrowed. */
  public ArrowBuf weightsBuffer() {
    return weights;
  }

  /** The weight of a row: +1, or -1 for a retraction. */
  public int weight(int row) {
    return weightsAddress == 0 ? 1 : Memory.getByte(weightsAddress + row);
  }

  /** Changes the weight of a row of a changelog. */
  public void weight(int row, int weight) {
    Memory.putByte(weightsAddress + row, (byte) weight);
  }

  /** Forgets all rows. */
  public void clear() {
    from = 0;
    to = 0;
    isHeavy = false;
    for (Column column : columns) {
      column.clear();
    }
  }

  /** Appends rows {@code [sourceFrom, sourceTo)} of a batch of the same types; they must fit. */
  public void append(Batch source, int sourceFrom, int sourceTo) {
    for (int i = 0; i < columns.length; i++) {
      columns[i].copyFrom(source.columns[i], sourceFrom, sourceTo, to);
    }
    if (weightsAddress != 0) {
      if (source.weightsAddress == 0) {
        Memory.fill(weightsAddress + to, sourceTo - sourceFrom, (byte) 1);
      } else {
        Memory.copy(source.weightsAddress + sourceFrom, weightsAddress + to, sourceTo - sourceFrom);
      }
    }
    to += sourceTo - sourceFrom;
  }

  /** Writes a row of {@code source} to the row being filled, from column {@code firstColumn} on. */
  public void put(Batch source, int row, int firstColumn) {
    for (int i = 0; i < source.columns.length; i++) {
      columns[firstColumn + i].copyFrom(source.columns[i], row, row + 1, to);
    }
  }

  @Override
  public void close() {
    if (source != null) {
      return;
    }
    for (Column column : columns) {
      if (column != null) {
        column.close();
      }
    }
    if (weights != null) {
      weights.close();
      weights = null;
    }
  }
}
