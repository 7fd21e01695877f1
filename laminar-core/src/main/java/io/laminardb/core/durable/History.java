package io.laminardb.core.durable;

import java.util.List;

/**
 * What a database has left in its directory, to be read and never written. One thread.
 *
 * <p>Every failure is a {@link io.laminardb.core.error.LaminarException}: IO_ERROR where the disk
 * failed, STATE_CORRUPT where what is there is damaged.
 */
public interface History extends AutoCloseable {
  /** The checkpoints of which nothing bad is known before they are read, oldest first. */
  List<CheckpointInfo> checkpoints();

  /**
   * Reads one of them and verifies all of it. It is valid until the next one is read.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_CORRUPT where it is not whole
   */
  Checkpoint checkpoint(long id);

  /** The position of the oldest record of the journal, or of the one it would begin with. */
  long firstPosition();

  /**
   * The records behind a position, oldest first; what was read before is closed.
   *
   * @param position of a record, or 0 for all there are
   */
  JournalReader read(long position);

  /** Lets the directory go. Again: does nothing. */
  @Override
  void close();
}
