package io.laminardb;

/**
 * Memory off the heap at one moment, in bytes. What the heap holds is the JVM's to tell.
 *
 * @param engineBytes of rings, batches, state and contents: what {@link LaminarDB.Builder#memoryBudget}
 *     bounds
 * @param storageBytes of what checkpoints are made of: copies of changes, and what RocksDB counts; 0 in
 *     memory, and before the first checkpoint
 */
public record MemoryUse(long engineBytes, long storageBytes) {}
