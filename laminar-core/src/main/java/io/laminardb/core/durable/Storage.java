package io.laminardb.core.durable;

import java.nio.file.Path;
import java.util.List;

/**
 * A directory in which one database of one process is kept. First what is there is read: {@link
 * #checkpoint()}, then {@link #read} from its position on; then {@link #journal()} begins to write
 * behind the last record. {@link #write} may be called from then on. Any thread, one call at a time,
 * unless a method says otherwise.
 *
 * <p>Every failure is a {@link io.laminardb.core.error.LaminarException}: IO_ERROR where the disk
 * failed, STATE_CORRUPT where what is there is damaged. After a failure the journal writes nothing any
 * more; a checkpoint that failed costs its time only, and the next one may succeed.
 */
public interface Storage extends AutoCloseable {
  /**
   * The newest checkpoint that is whole and from which on the journal is; null where there is none, and
   * the journal begins at the beginning.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_CORRUPT if data that was acknowledged
   *     cannot be had from what is whole; it says what is lost
   */
  Checkpoint checkpoint();

  /** What was found damaged and could be made up for by an older checkpoint; for people. */
  List<String> warnings();

  /**
   * The records behind a position, oldest first. A record that was being written when the process
   * ended is the end.
   *
   * @param position of a record, or 0 for all
   */
  JournalReader read(long position);

  /** Where records are written to from now on; what {@link #read} gave before is closed. */
  Journal journal();

  /**
   * Writes a checkpoint: durable when this returns. Older ones that are no longer kept, and the part of
   * the journal that none needs, are removed. Blocks.
   */
  CheckpointInfo write(CheckpointState state);

  /** The checkpoints that are kept, oldest first. */
  List<CheckpointInfo> checkpoints();

  /**
   * Writes all that is needed to open the database as it is now into another directory: the newest
   * checkpoint, and the journal up to the last record that is durable. What goes on meanwhile is not
   * disturbed. Files that never change get a second name where the disk allows that, the rest is copied;
   * durable when this returns. Blocks.
   *
   * @param target a directory that does not exist or is empty; after a failure it is as before
   */
  BackupInfo backup(Path target);

  /**
   * A place beside the checkpoints for state that memory has no room for, which is empty; the caller's to
   * close before this is closed. Once.
   */
  SpillStore spill();

  /**
   * What has been written, to be read up to a position that is durable. No checkpoint is written as long
   * as that is open: the caller sees to it.
   */
  History history();

  /** Bytes that a store below holds off the heap and nobody else counts; as it counts itself. */
  long nativeBytes();

  /** Ends writing, makes what was written durable, and lets the directory go. Again: does nothing. */
  @Override
  void close();
}
