/**
 * Files as storage sees them: the few calls it makes, so that every one of them can be made to fail.
 * {@link io.laminardb.storage.file.FileSystem#DISK} is the real one. Start at {@link
 * io.laminardb.storage.file.FileSystem}.
 *
 * <p>What has been written is safe only after {@link io.laminardb.storage.file.StorageFile#force};
 * what has been created, renamed, linked or deleted only after {@link
 * io.laminardb.storage.file.FileSystem#forceDirectory}. A force that failed is never tried again and
 * believed: what was to be forced may be gone.
 */
package io.laminardb.storage.file;
