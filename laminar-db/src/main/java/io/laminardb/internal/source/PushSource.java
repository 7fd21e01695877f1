package io.laminardb.internal.source;

import static java.util.Objects.requireNonNull;

import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.BatchImporter;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.internal.arrow.ArrowImport;
import io.laminardb.internal.row.ColumnRowWriter;
import io.laminardb.internal.row.RowTarget;
import java.time.Instant;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** A partition of a source over an engine's handle: rows are written in place in its ring. */
public final class PushSource implements Source {
  private final String name;
  private final String owner;
  private final SourceHandle handle;
  private final BufferAllocator allocator;
  private final Supplier<SourceHandle> newHandle;
  private final ColumnRowWriter writer;
  private final BatchImporter<VectorSchemaRoot> roots;
  private final BatchImporter<EncodedRoot> encodedRoots;

  /**
   * @param owner what it is, for errors, such as {@code source "trades"}
   * @param newHandle opens the handle of another partition
   * @param allocator where copies that an Arrow import needs come from
   */
  public PushSource(
      String name,
      String owner,
      SourceHandle handle,
      Supplier<SourceHandle> newHandle,
      BufferAllocator allocator) {
    this.name = requireNonNull(name, "name");
    this.owner = requireNonNull(owner, "owner");
    this.handle = requireNonNull(handle, "handle");
    this.newHandle = requireNonNull(newHandle, "newHandle");
    this.allocator = requireNonNull(allocator, "allocator");
    this.writer = new ColumnRowWriter(new RingTarget(handle), owner);
    ArrowImport arrow = new ArrowImport(owner, handle.schema(), allocator);
    handle.onClose(arrow::close);
    this.roots = arrow::batch;
    this.encodedRoots =
        (encoded, shell) -> arrow.batch(encoded.root(), encoded.dictionaries(), shell);
  }

  @Override
  public String name() {
    return name;
  }

  /** What it is, for errors. */
  String owner() {
    return owner;
  }

  @Override
  public Schema schema() {
    return handle.schema();
  }

  @Override
  public void push(Object... values) {
    write(1, true, values);
  }

  @Override
  public boolean tryPush(Object... values) {
    return write(1, false, values);
  }

  @Override
  public void retract(Object... values) {
    write(-1, true, values);
  }

  private boolean write(int weight, boolean wait, Object... values) {
    checkRetraction(weight);
    return writer.push(weight, wait, values);
  }

  void checkRetraction(int weight) {
    if (weight < 0 && !schema().isChangelog()) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH, owner + " is append-only: no row can be taken back.")
          .mend("Create it WITH (changelog = 'retract').");
    }
  }

  @Override
  public void push(VectorSchemaRoot root) {
    handle.push(root, roots, true);
  }

  @Override
  public boolean tryPush(VectorSchemaRoot root) {
    return handle.push(root, roots, false);
  }

  @Override
  public void push(VectorSchemaRoot root, DictionaryProvider dictionaries) {
    handle.push(new EncodedRoot(root, dictionaries), encodedRoots, true);
  }

  @Override
  public boolean tryPush(VectorSchemaRoot root, DictionaryProvider dictionaries) {
    return handle.push(new EncodedRoot(root, dictionaries), encodedRoots, false);
  }

  private record EncodedRoot(VectorSchemaRoot root, DictionaryProvider dictionaries) {}

  /** Copies a batch of the source's schema in; it stays the caller's. */
  public void append(Batch batch) {
    handle.append(batch);
  }

  @Override
  public RowWriter rows() {
    return writer;
  }

  /** The writer behind {@link #rows()}, for those who decide whether to wait. */
  ColumnRowWriter writer() {
    return writer;
  }

  @Override
  public void watermark(long epochMillis) {
    handle.watermark(TimeUnits.toNanos(epochMillis, TimeUnits.NANOS_PER_MILLI));
  }

  @Override
  public void watermark(Instant time) {
    long seconds = TimeUnits.toNanos(time.getEpochSecond(), TimeUnits.NANOS_PER_SECOND);
    handle.watermark(
        seconds > Long.MAX_VALUE - time.getNano() ? seconds : seconds + time.getNano());
  }

  @Override
  public void end() {
    handle.end();
  }

  @Override
  public Source partition() {
    return new PushSource(name, owner, newHandle.get(), newHandle, allocator);
  }

  @Override
  public void close() {
    handle.close();
  }

  /** A row writer's way into the ring. */
  private record RingTarget(SourceHandle handle) implements RowTarget {
    @Override
    public Schema schema() {
      return handle.schema();
    }

    @Override
    public boolean begin(boolean wait) {
      return handle.beginPlace(wait);
    }

    @Override
    public Batch batch() {
      return handle.placeRing().placeBatch();
    }

    @Override
    public int row() {
      return handle.placeRing().placeRow();
    }

    @Override
    public boolean roll(int column, long bytes, boolean wait) {
      handle.placeRing().rollPlace(column, bytes);
      return true;
    }

    @Override
    public boolean endRow(int weight) {
      handle.endPlace(weight);
      return true;
    }

    @Override
    public void giveUp() {
      handle.giveUpPlace();
    }
  }
}
