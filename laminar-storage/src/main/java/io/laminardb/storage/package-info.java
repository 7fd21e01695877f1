/**
 * Durability: journal, checkpoints and recovery. Nothing lives here yet; databases are in memory.
 */
package io.laminardb.storage;
