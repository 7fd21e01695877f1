package io.laminardb.core.durable;

/** Where state goes that memory has no room for. */
public enum SpillMode {
  /** Nowhere: a query that needs more than the memory budget fails. */
  NONE,

  /** Into a RocksDB on disk, for operators that can; the others fail as with {@link #NONE}. */
  ROCKSDB
}
