package io.laminardb.storage.rocksdb;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Logger;
import org.rocksdb.Options;

/** How RocksDB is opened. Closed after the database. */
final class RocksSettings implements AutoCloseable {
  private static final int PARTS_BUFFER_BYTES = 32 << 20;
  private static final int SPILL_BUFFER_BYTES = 8 << 20;
  private static final int SPILL_CACHE_BYTES = 32 << 20;
  private static final int FILTER_BITS =
      10; // a key: one in a hundred of those that are not there is looked for
  private static final int BLOB_FILE_BYTES = 64 << 20;
  private static final int MIN_BLOB_BYTES = 1024;

  private final Options options =
      new Options()
          .setCreateIfMissing(true)
          .setParanoidChecks(true)
          .setMaxWriteBufferNumber(3)
          .setMaxBackgroundJobs(2)
          .setCompressionType(CompressionType.LZ4_COMPRESSION)
          .setEnableBlobFiles(true)
          .setMinBlobSize(MIN_BLOB_BYTES)
          .setBlobFileSize(BLOB_FILE_BYTES)
          .setBlobCompressionType(CompressionType.LZ4_COMPRESSION)
          .setEnableBlobGarbageCollection(true)
          .setAvoidFlushDuringShutdown(true)
          .setStatsDumpPeriodSec(0)
          .setStatsPersistPeriodSec(0);
  private final Silence silence = new Silence();
  private final BloomFilter filter = new BloomFilter(FILTER_BITS);
  private final Cache cache = new LRUCache(SPILL_CACHE_BYTES);

  private RocksSettings(int writeBufferBytes) {
    options.setWriteBufferSize(writeBufferBytes).setLogger(silence);
  }

  /** For the parts of checkpoints. */
  static RocksSettings ofParts() {
    return new RocksSettings(PARTS_BUFFER_BYTES);
  }

  /**
   * For spilled state: little memory, as there is none to spare. Rows are looked for that are not there, as those of
   * new groups: a filter finds that out without the disk, for 10 bits a row, which share the cache with rows.
   */
  static RocksSettings ofSpill() {
    RocksSettings settings = new RocksSettings(SPILL_BUFFER_BYTES);
    settings.options.setTableFormatConfig(
        new BlockBasedTableConfig()
            .setFilterPolicy(settings.filter)
            .setBlockCache(settings.cache)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true));
    return settings;
  }

  Options options() {
    return options;
  }

  @Override
  public void close() {
    options.close();
    silence.close();
    filter.close();
    cache.close();
  }

  /** In place of RocksDB's own log file: what fails is thrown, and a checkpoint holds no logs. */
  private static final class Silence extends Logger {
    Silence() {
      super(InfoLogLevel.FATAL_LEVEL);
    }

    @Override
    protected void log(InfoLogLevel level, String message) {}
  }
}
