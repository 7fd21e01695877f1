/**
 * Off-heap memory: raw access ({@link io.laminardb.core.memory.Memory}) and reusable text views
 * ({@link io.laminardb.core.memory.Utf8}). All memory comes from Arrow allocators, so budgets and
 * leak checks are theirs.
 */
package io.laminardb.core.memory;
