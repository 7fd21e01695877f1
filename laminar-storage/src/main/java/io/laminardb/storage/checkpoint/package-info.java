/**
 * Checkpoints in a directory: which parts changed, the manifest that makes a checkpoint count, which of
 * several is whole, and how long each is kept. Start at {@link io.laminardb.storage.checkpoint.Checkpoints}.
 * Where the parts are kept is behind {@link io.laminardb.storage.checkpoint.PartStore}.
 */
package io.laminardb.storage.checkpoint;
