package io.laminardb.core.durable;

/**
 * What a backup holds.
 *
 * @param checkpoint the id of the newest checkpoint in it, 0 for none
 * @param position of the journal's last record in it
 * @param files how many there are
 * @param linkedBytes of files that are the database's own under a second name, as they never change
 * @param copiedBytes of files that were copied
 */
public record BackupInfo(
    long checkpoint, long position, long files, long linkedBytes, long copiedBytes) {}
