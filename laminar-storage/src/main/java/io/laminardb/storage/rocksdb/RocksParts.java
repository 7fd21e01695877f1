package io.laminardb.storage.rocksdb;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.PartStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.Checkpoint;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteOptions;

/**
 * Parts in a RocksDB without a log of its own: what it holds counts only once it was saved. Large values
 * lie in blob files, which a compaction of the keys does not copy. Saving flushes, then gives every file
 * that never changes a second name in the checkpoint's directory.
 */
public final class RocksParts implements PartStore {
  /** Parts kept in RocksDB. */
  public static final Kind KIND = new RocksKind();

  /** What RocksDB counts of its memory: rows not flushed yet, indexes of open files, cached blocks. */
  private static final List<String> MEMORY =
      List.of(
          "rocksdb.cur-size-all-mem-tables",
          "rocksdb.estimate-table-readers-mem",
          "rocksdb.block-cache-usage");

  private final Path directory;
  private final RocksSettings settings;
  private final RocksDB database;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final ReadOptions reading = new ReadOptions();
  private ByteBuffer directKey = ByteBuffer.allocateDirect(256); // used again; small
  private boolean closed;

  private RocksParts(Path directory, RocksSettings settings, RocksDB database) {
    this.directory = directory;
    this.settings = settings;
    this.database = database;
  }

  static RocksParts open(Path directory) {
    RocksLibrary.await();
    RocksSettings settings = RocksSettings.ofParts();
    try {
      return new RocksParts(
          directory, settings, RocksDB.open(settings.options(), directory.toString()));
    } catch (RocksDBException e) {
      settings.close();
      throw failed("open", directory, e);
    }
  }

  @Override
  public void put(String name, ByteBuffer value) {
    try {
      database.put(unlogged, key(name, value.isDirect()), value.duplicate());
    } catch (RocksDBException e) {
      throw failed("write to", directory, e);
    }
  }

  @Override
  public void remove(String name) {
    try {
      database.delete(unlogged, key(name));
    } catch (RocksDBException e) {
      throw failed("write to", directory, e);
    }
  }

  @Override
  public int get(String name, ByteBuffer target) {
    try {
      return database.get(reading, key(name, target.isDirect()), target.duplicate());
    } catch (RocksDBException e) {
      throw failed("read", directory, e);
    }
  }

  @Override
  public void save(Path target) {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true);
        Checkpoint checkpoint = Checkpoint.create(database)) {
      database.flush(flush);
      checkpoint.createCheckpoint(target.toString());
    } catch (RocksDBException e) {
      throw failed("save to", target, e);
    }
  }

  @Override
  public long nativeBytes() {
    try {
      long bytes = 0;
      for (String gauge : MEMORY) {
        bytes += database.getLongProperty(gauge);
      }
      return bytes;
    } catch (RocksDBException e) {
      throw failed("measure", directory, e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    database.cancelAllBackgroundWork(true);
    database.close();
    unlogged.close();
    reading.close();
    settings.close();
  }

  /** The key of a value that is off the heap, where RocksDB wants to have both, or on it. */
  private ByteBuffer key(String name, boolean isDirect) {
    byte[] key = key(name);
    if (!isDirect) {
      return ByteBuffer.wrap(key);
    }
    if (directKey.capacity() < key.length) {
      directKey = ByteBuffer.allocateDirect(2 * key.length);
    }
    return directKey.clear().put(key).flip();
  }

  static byte[] key(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /** What RocksDB said, as STATE_CORRUPT where it found damage, IO_ERROR otherwise. */
  static LaminarException failed(String what, Path directory, RocksDBException e) {
    Status status = e.getStatus();
    boolean damaged = status != null && status.getCode() == Status.Code.Corruption;
    return new LaminarException(
        damaged ? ErrorCode.STATE_CORRUPT : ErrorCode.IO_ERROR,
        "RocksDB cannot " + what + " " + directory + ": " + e.getMessage() + ".",
        e);
  }
}
