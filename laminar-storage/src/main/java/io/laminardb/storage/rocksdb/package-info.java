/**
 * Parts of checkpoints in RocksDB: what is shared between checkpoints is one file with several names.
 * Start at {@link io.laminardb.storage.rocksdb.RocksParts}. The native library is loaded by {@link
 * io.laminardb.storage.rocksdb.RocksLibrary}, on a thread of its own where time allows.
 */
package io.laminardb.storage.rocksdb;
