/**
 * A database in a directory: who may open it, from what it goes on, backups and checks. Start at {@link
 * io.laminardb.storage.DirectoryStorage}, which {@link io.laminardb.storage.DirectoryStorageProvider}
 * makes; {@link io.laminardb.storage.Recovery} decides what of a damaged directory can be used. The
 * journal, checkpoints, and files each have a package of their own below this one.
 */
package io.laminardb.storage;
