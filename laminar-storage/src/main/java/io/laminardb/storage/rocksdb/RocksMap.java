package io.laminardb.storage.rocksdb;

import io.laminardb.core.durable.SpillMap;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * A map among the {@link RocksBlocks}: its keys begin with a number that no block has. Puts are written many at
 * a time, before anything is read. One thread.
 */
final class RocksMap implements SpillMap {
  private static final int BATCH_BYTES = 64 << 10;

  private final Path directory;
  private final RocksDB database;
  private final WriteOptions unlogged;
  private final long number;
  private final WriteBatch batch = new WriteBatch();

  RocksMap(RocksBlocks blocks, long number) {
    this.directory = blocks.directory();
    this.database = blocks.database();
    this.unlogged = blocks.unlogged();
    this.number = number;
  }

  private byte[] prefixed(byte[] key, int length) {
    return ByteBuffer.allocate(Long.BYTES + length).putLong(number).put(key, 0, length).array();
  }

  @Override
  public void put(byte[] key, int keyLength, byte[] value, int valueLength) {
    try {
      batch.put(prefixed(key, keyLength), Arrays.copyOf(value, valueLength));
      if (batch.getDataSize() >= BATCH_BYTES) {
        write();
      }
    } catch (RocksDBException e) {
      throw RocksParts.failed("write to", directory, e);
    }
  }

  private void write() throws RocksDBException {
    if (batch.count() > 0) {
      database.write(unlogged, batch);
      batch.clear();
    }
  }

  @Override
  public byte[] take(byte[] key, int keyLength) {
    try {
      write();
      byte[] prefixed = prefixed(key, keyLength);
      byte[] value = database.get(prefixed);
      if (value != null) {
        database.singleDelete(unlogged, prefixed); // it was put once
      }
      return value;
    } catch (RocksDBException e) {
      throw RocksParts.failed("read", directory, e);
    }
  }

  @Override
  public Values values() {
    try {
      write();
      return new PrefixValues();
    } catch (RocksDBException e) {
      throw RocksParts.failed("read", directory, e);
    }
  }

  @Override
  public void close() {
    batch.close();
    if (!database.isOwningHandle()) {
      return; // it is gone with the others
    }
    try {
      database.deleteRange(unlogged, RocksBlocks.key(number), RocksBlocks.key(number + 1));
    } catch (RocksDBException e) {
      throw RocksParts.failed("write to", directory, e);
    }
  }

  /** The values of this map. */
  private final class PrefixValues implements Values {
    private final Slice end = new Slice(RocksBlocks.key(number + 1));
    private final ReadOptions options = new ReadOptions().setIterateUpperBound(end);
    private final RocksIterator iterator = database.newIterator(options);

    PrefixValues() {
      iterator.seek(RocksBlocks.key(number));
    }

    @Override
    public byte[] next() {
      try {
        if (!iterator.isValid()) {
          iterator.status();
          return null;
        }
        byte[] value = iterator.value();
        iterator.next();
        return value;
      } catch (RocksDBException e) {
        throw RocksParts.failed("read", directory, e);
      }
    }

    @Override
    public void close() {
      iterator.close();
      options.close();
      end.close();
    }
  }
}
