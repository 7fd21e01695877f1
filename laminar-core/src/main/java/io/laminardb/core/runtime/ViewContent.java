package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The present content of a stream: a Z-set, which counts how often each row is there. Rows are kept as
 * bytes off the heap, in the order they came; equal bytes are one entry. The reactor's thread.
 *
 * <p>Entries whose count is 0 are dead; when they outnumber the living, the rest is moved together.
 */
public final class ViewContent implements StreamConsumer, Present, AutoCloseable {
  private static final int MIN_DEAD = 1024;

  private final String name;
  private final RowCodec codec;
  private final BufferAllocator allocator;

  // Entry e: its row is [starts[e], starts[e + 1]) of the rows, there counts[e] times.
  private ArrowBuf rows;
  private long[] starts = new long[65];
  private long[] counts = new long[64];
  private int[] hashes = new int[64];
  private int size;
  private int dead;
  private long total;
  private int[] table = new int[128]; // entry + 1, open addressing
  private ContentIndex[] indexes = {};

  ViewContent(String name, Schema schema, BufferAllocator allocator) {
    this.name = name;
    this.allocator = allocator;
    codec = new RowCodec(schema);
    rows = allocator.buffer(4096);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean offer(Batch batch) {
    add(batch, 1);
    return true;
  }

  /** As {@link #add}, of batches, which are closed. */
  void addAll(List<Batch> batches, int sign) {
    for (Batch batch : batches) {
      try (batch) {
        add(batch, sign);
      }
    }
  }

  /**
   * Adds rows, or takes them away.
   *
   * @param sign 1, or -1 to take away what the batch adds
   */
  void add(Batch batch, int sign) {
    for (int row = batch.from(); row < batch.to(); row++) {
      long length = codec.length(batch, row);
      ensure(length);
      codec.write(batch, row, rows.memoryAddress() + starts[size]);
      if (add(length, sign * batch.weight(row))) {
        for (ContentIndex index : indexes) {
          index.add(size - 1, batch, row);
        }
      }
    }
    compact();
  }

  @Override
  public boolean watermark(long watermarkNs) {
    return true;
  }

  @Override
  public void failed(LaminarException failure) {
    // What was there at the failure can still be read.
  }

  /** Rows there are now, duplicates counted. */
  public long rows() {
    return total;
  }

  /** Bytes of memory held. */
  public long bytes() {
    return rows.capacity()
        + 8L * starts.length
        + 8L * counts.length
        + 4L * hashes.length
        + 4L * table.length
        + Arrays.stream(indexes).mapToLong(ContentIndex::bytes).sum();
  }

  /**
   * A copy of all rows, in the order they came, with weight 1 where the schema is a changelog.
   *
   * @param target where the batches' memory comes from; the caller closes them
   */
  @Override
  public List<Batch> copy(BufferAllocator target) {
    List<Batch> batches = new ArrayList<>();
    try {
      Batch batch = null;
      long left = total;
      for (int entry = 0; entry < size; entry++) {
        for (long times = 0; times < counts[entry]; times++, left--) {
          if (batch == null || batch.isFull()) {
            batch = new Batch(codec.schema(), capacityFor(left), target);
            batches.add(batch);
          }
          codec.read(rows.memoryAddress() + starts[entry], batch);
        }
      }
      return batches;
    } catch (RuntimeException e) {
      batches.forEach(Batch::close);
      throw e;
    }
  }

  /** Everybody else is behind it, and gets what it has. */
  @Override
  public boolean isSettled() {
    return true;
  }

  @Override
  public void tell(Output output, BufferAllocator scratch) {
    for (Batch batch : copy(scratch)) {
      try (batch) {
        output.offer(batch);
      }
    }
  }

  /**
   * A copy of all rows with weight 1, and before them with weight -1 of those that are there less than no
   * times, both in the order of their bytes.
   *
   * @param target where the batches' memory comes from; the caller closes them
   */
  List<Batch> changes(BufferAllocator target) {
    Integer[] entries =
        IntStream.range(0, size)
            .filter(entry -> counts[entry] != 0)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(entry -> counts[entry] < 0 ? 0 : 1)
                    .thenComparing(this::compareBytes))
            .toArray(Integer[]::new);
    long left = Arrays.stream(entries).mapToLong(entry -> Math.abs(counts[entry])).sum();
    List<Batch> batches = new ArrayList<>();
    try {
      Batch batch = null;
      for (int entry : entries) {
        for (long times = Math.abs(counts[entry]); times > 0; times--, left--) {
          if (batch == null || batch.isFull()) {
            batch = new Batch(codec.schema(), capacityFor(left), target);
            batches.add(batch);
          }
          codec.read(rows.memoryAddress() + starts[entry], batch, counts[entry] < 0 ? -1 : 1);
        }
      }
      return batches;
    } catch (RuntimeException e) {
      batches.forEach(Batch::close);
      throw e;
    }
  }

  private int compareBytes(int left, int right) {
    long base = rows.memoryAddress();
    return Memory.compare(
        base + starts[left],
        (int) (starts[left + 1] - starts[left]),
        base + starts[right],
        (int) (starts[right + 1] - starts[right]));
  }

  private static int capacityFor(long left) {
    return (int) Math.max(16, Math.min(Batch.DEFAULT_CAPACITY, left));
  }

  /** Writes all entries. */
  void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    for (int entry = 0; entry < size; entry++) {
      if (counts[entry] != 0) {
        writer.putLong(counts[entry]);
        int length = (int) (starts[entry + 1] - starts[entry]);
        writer.putInt(length);
        writer.putBytes(rows.memoryAddress() + starts[entry], length);
      }
    }
  }

  /** Becomes what was written. */
  void restore(StateReader reader) {
    clear();
    while (reader.hasSection()) {
      reader.section();
      while (reader.hasMore()) {
        long count = reader.getLong();
        int length = reader.getInt();
        ensure(length);
        reader.getBytes(rows.memoryAddress() + starts[size], length);
        add(length, count);
      }
    }
    for (ContentIndex index : indexes) {
      fill(index);
    }
  }

  /**
   * Keeps entries by some columns, from now on and with those that are there. As often as it was called,
   * {@link #dropIndex} is to be.
   */
  void addIndex(List<Integer> columns) {
    ContentIndex known = index(columns);
    if (known != null) {
      known.users++;
      return;
    }
    ContentIndex index = new ContentIndex(columns, codec.schema(), allocator);
    try {
      fill(index);
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
    indexes = Arrays.copyOf(indexes, indexes.length + 1);
    indexes[indexes.length - 1] = index;
  }

  boolean hasIndexes() {
    return indexes.length > 0;
  }

  void dropIndex(List<Integer> columns) {
    ContentIndex dropped = index(columns);
    if (dropped != null && --dropped.users == 0) {
      indexes = Arrays.stream(indexes).filter(each -> each != dropped).toArray(ContentIndex[]::new);
      dropped.close();
    }
  }

  /** The index of these very columns, or null. */
  private ContentIndex index(List<Integer> columns) {
    for (ContentIndex index : indexes) {
      if (index.columns.equals(columns)) {
        return index;
      }
    }
    return null;
  }

  private void fill(ContentIndex index) {
    index.clear();
    try (Batch one = new Batch(codec.schema(), 1, allocator)) {
      for (int entry = 0; entry < size; entry++) {
        one.clear();
        codec.read(rows.memoryAddress() + starts[entry], one);
        index.add(entry, one, 0);
      }
    }
  }

  @Override
  public boolean tell(Lookup lookup, Output output, BufferAllocator scratch) {
    ContentIndex index = index(lookup.columns());
    if (index == null) {
      return false;
    }
    BitSet entries = new BitSet();
    for (int row = lookup.keys().from(); row < lookup.keys().to(); row++) {
      index.find(lookup.keys(), row, entries);
    }
    try (Batch found = new Batch(codec.schema(), 64, scratch)) {
      for (int entry = entries.nextSetBit(0); entry >= 0; entry = entries.nextSetBit(entry + 1)) {
        for (long times = 0; times < counts[entry]; times++) {
          if (found.isFull()) {
            output.offer(found);
            found.clear();
          }
          codec.read(rows.memoryAddress() + starts[entry], found);
        }
      }
      output.offer(found);
    }
    return true;
  }

  /** Tells the rows of a key of an index, in the order they came. */
  void find(List<Integer> columns, long keySource, TableRows.Found found) {
    ContentIndex index = index(columns);
    long key = Keys.bytes(keySource + RowLayout.KEY_OFFSET);
    int length = Keys.length(Memory.getLong(keySource + RowLayout.KEY_OFFSET));
    int candidates = index.find(key, length);
    for (int i = candidates - 1; i >= 0; i--) {
      int entry = index.candidate(i);
      long row = rows.memoryAddress() + starts[entry];
      if (counts[entry] > 0 && index.isKey(row, key, length)) {
        found.row(row, (int) (starts[entry + 1] - starts[entry]), counts[entry]);
      }
    }
  }

  private void clear() {
    size = 0;
    dead = 0;
    total = 0;
    Arrays.fill(table, 0);
  }

  /**
   * Adds to the count of the row of {@code length} bytes that stands behind the last entry; answers
   * whether that makes a new entry.
   */
  private boolean add(long length, long weight) {
    long base = rows.memoryAddress();
    long address = base + starts[size];
    int hash = RowCodec.hash(address, (int) length);
    int slot = hash & table.length - 1;
    int found;
    while ((found = table[slot] - 1) >= 0) {
      if (hashes[found] == hash
          && starts[found + 1] - starts[found] == length
          && Memory.equal(base + starts[found], address, (int) length)) {
        long before = counts[found];
        counts[found] = before + weight;
        dead += (before == 0 ? -1 : 0) + (before + weight == 0 ? 1 : 0);
        total += weight;
        return false;
      }
      slot = slot + 1 & table.length - 1;
    }
    table[slot] = size + 1;
    hashes[size] = hash;
    counts[size] = weight;
    starts[size + 1] = starts[size] + length;
    size++;
    total += weight;
    if (size * 2L > table.length) {
      rehash(table.length * 2);
    }
    return true;
  }

  private void ensure(long length) {
    if (size + 1 >= counts.length) {
      counts = Arrays.copyOf(counts, size * 2);
      hashes = Arrays.copyOf(hashes, size * 2);
      starts = Arrays.copyOf(starts, size * 2 + 1);
    }
    long needed = starts[size] + length;
    if (needed > rows.capacity()) {
      ArrowBuf larger = allocator.buffer(Math.max(needed, rows.capacity() * 2));
      Memory.copy(rows.memoryAddress(), larger.memoryAddress(), starts[size]);
      rows.close();
      rows = larger;
    }
  }

  private void compact() {
    if (dead < MIN_DEAD || dead < size - dead) {
      return;
    }
    long base = rows.memoryAddress();
    int kept = 0;
    for (int entry = 0; entry < size; entry++) {
      if (counts[entry] != 0) {
        long start = starts[entry];
        long length = starts[entry + 1] - start;
        long to = starts[kept];
        move(base + start, base + to, length);
        counts[kept] = counts[entry];
        hashes[kept] = hashes[entry];
        for (ContentIndex index : indexes) {
          index.move(entry, kept);
        }
        // Read above before it is written: kept <= entry.
        starts[kept + 1] = kept == entry ? starts[entry + 1] : to + length;
        kept++;
      }
    }
    size = kept;
    dead = 0;
    rehash(table.length);
    for (ContentIndex index : indexes) {
      index.moved(size);
    }
  }

  /** Copies to a lower address; the ranges may overlap. */
  private static void move(long from, long to, long length) {
    if (from == to) {
      return;
    }
    if (from - to >= length) {
      Memory.copy(from, to, length);
      return;
    }
    for (long i = 0; i < length; i++) {
      Memory.putByte(to + i, Memory.getByte(from + i));
    }
  }

  private void rehash(int capacity) {
    if (capacity == table.length) {
      Arrays.fill(table, 0);
    } else {
      table = new int[capacity];
    }
    for (int entry = 0; entry < size; entry++) {
      int slot = hashes[entry] & capacity - 1;
      while (table[slot] != 0) {
        slot = slot + 1 & capacity - 1;
      }
      table[slot] = entry + 1;
    }
  }

  @Override
  public void close() {
    for (ContentIndex index : indexes) {
      index.close();
    }
    rows.close();
  }
}
