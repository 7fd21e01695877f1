package io.laminardb.storage.rocksdb;

import io.laminardb.storage.checkpoint.PartStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A saved RocksDB, opened to be read: no file of it changes, and none is added. */
final class SavedRocksParts implements PartStore.Saved {
  private static final int READ_AHEAD_BYTES = 4 << 20;

  private final Path directory;
  private final RocksSettings settings;
  private final RocksDB database;
  private final ReadOptions reading =
      new ReadOptions()
          .setVerifyChecksums(true)
          .setFillCache(false)
          .setReadaheadSize(READ_AHEAD_BYTES);
  private boolean closed;

  private SavedRocksParts(Path directory, RocksSettings settings, RocksDB database) {
    this.directory = directory;
    this.settings = settings;
    this.database = database;
  }

  static SavedRocksParts open(Path directory) {
    RocksLibrary.await();
    RocksSettings settings = RocksSettings.ofParts();
    try {
      return new SavedRocksParts(
          directory,
          settings,
          RocksDB.openReadOnly(settings.options().setCreateIfMissing(false), directory.toString()));
    } catch (RocksDBException e) {
      settings.close();
      throw RocksParts.failed("open", directory, e);
    }
  }

  @Override
  public byte[] get(String name) {
    try {
      return database.get(reading, RocksParts.key(name));
    } catch (RocksDBException e) {
      throw RocksParts.failed("read", directory, e);
    }
  }

  @Override
  public void each(String prefix, BiConsumer<String, byte[]> action) {
    byte[] start = RocksParts.key(prefix);
    try (RocksIterator entries = database.newIterator(reading)) {
      for (entries.seek(start); entries.isValid(); entries.next()) {
        byte[] key = entries.key();
        if (!startsWith(key, start)) {
          break;
        }
        action.accept(new String(key, StandardCharsets.UTF_8), entries.value());
      }
      entries.status();
    } catch (RocksDBException e) {
      throw RocksParts.failed("read", directory, e);
    }
  }

  private static boolean startsWith(byte[] key, byte[] start) {
    return key.length >= start.length
        && Arrays.equals(key, 0, start.length, start, 0, start.length);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      database.close();
      reading.close();
      settings.close();
    }
  }
}
