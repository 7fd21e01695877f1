package io.laminardb.storage;

import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The smallest database: a record adds a number to one of some sums. What it should hold after any record
 * is known by the record's position alone.
 */
final class TestDatabase implements AutoCloseable {
  static final int SUMS = 20;

  private final Storage storage;
  private final Map<Integer, Long> sums = new TreeMap<>();
  private Journal journal;
  private long position;
  private long replayed;

  private TestDatabase(Storage storage) {
    this.storage = storage;
  }

  static TestDatabase open(Path directory, StorageOptions options) {
    return open(() -> new DirectoryStorageProvider().open(directory, options));
  }

  /** Opens, and reads what there is. */
  static TestDatabase open(Supplier<Storage> opening) {
    TestDatabase database = new TestDatabase(opening.get());
    boolean opened = false;
    try {
      database.recover();
      opened = true;
      return database;
    } finally {
      if (!opened) {
        database.close();
      }
    }
  }

  private void recover() {
    Checkpoint checkpoint = storage.checkpoint();
    if (checkpoint != null) {
      position = checkpoint.info().position();
      checkpoint.parts(
          "sum/",
          (name, bytes) ->
              sums.put(Integer.parseInt(name.substring(4)), ByteBuffer.wrap(bytes).getLong(0)));
    }
    try (JournalReader reader = storage.read(position)) {
      while (reader.next()) {
        if (reader.position() != position + 1) {
          throw new AssertionError(reader.position() + " after " + position);
        }
        apply(reader.position(), Memory.getLong(reader.address()));
        replayed++;
      }
    }
    journal = storage.journal();
    if (journal.position() != position) {
      throw new AssertionError("goes on at " + journal.position() + " instead of " + position);
    }
  }

  private void apply(long at, long amount) {
    position = at;
    sums.merge((int) (at % SUMS), amount, Long::sum);
  }

  static long amount(long position) {
    return position * 0x9e3779b97f4a7c15L;
  }

  /** What a database holds after the record at {@code position}. */
  static Map<Integer, Long> expected(long position) {
    Map<Integer, Long> sums = new TreeMap<>();
    for (long i = 1; i <= position; i++) {
      sums.merge((int) (i % SUMS), amount(i), Long::sum);
    }
    return sums;
  }

  /** Adds records, {@code bytes} long. */
  void add(int records, int bytes) {
    for (int i = 0; i < records; i++) {
      long address;
      do {
        address = journal.claim(bytes);
      } while (address == Journal.FULL);
      Memory.putLong(address, amount(position + 1));
      for (int at = 8; at < bytes; at++) {
        Memory.putByte(address + at, (byte) (position + at));
      }
      journal.commit();
      apply(journal.position(), amount(position + 1));
    }
  }

  void sync() {
    journal.await(position);
  }

  /** A checkpoint; sums are padded so that RocksDB has something to keep. */
  CheckpointInfo checkpoint() {
    Map<String, byte[]> parts = new HashMap<>();
    sums.forEach(
        (key, sum) -> {
          ByteBuffer bytes = ByteBuffer.allocate(8 + 200 * key);
          for (int i = 0; i + 8 <= bytes.capacity(); i += 8) {
            bytes.putLong(i, sum * (i + 1));
          }
          parts.put("sum/" + key, bytes.array());
        });
    return storage.write(new CheckpointState(position, parts, System.nanoTime(), 1000));
  }

  BackupInfo backup(Path target) {
    return storage.backup(target);
  }

  List<CheckpointInfo> checkpoints() {
    return storage.checkpoints();
  }

  Map<Integer, Long> sums() {
    return sums;
  }

  long position() {
    return position;
  }

  /** How many records were read again when it was opened. */
  long replayed() {
    return replayed;
  }

  List<String> warnings() {
    return storage.warnings();
  }

  @Override
  public void close() {
    storage.close();
  }
}
