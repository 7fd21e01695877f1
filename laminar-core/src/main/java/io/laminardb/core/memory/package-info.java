/**
 * Off-heap memory: raw access ({@link io.laminardb.core.memory.Memory}) and reusable text views
 * ({@link io.laminardb.core.memory.Utf8}). Memory comes from Arrow allocators, so budgets and leak checks
 * are theirs; but for {@link io.laminardb.core.memory.NativeBuffer}s, of which files are written, and
 * {@link io.laminardb.core.memory.NativeArena}s of them, which count themselves and are in no budget.
 */
package io.laminardb.core.memory;
