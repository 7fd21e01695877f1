package io.laminardb.internal.durable;

/**
 * A sink at the moment of a checkpoint: first every sink gets a barrier, then each is awaited, the
 * checkpoint is written, and each commits. The last two are called by the thread that takes the
 * checkpoint.
 */
public interface CheckpointedSink {
  /** Its name in the catalog. */
  String sinkName();

  /** Whether its rows are shown by commits. */
  boolean isTransactional();

  /**
   * Lets the next checkpoint be the sink's last: what is only shown when it is whole is shown then, and
   * rows that come later are left to the journal.
   *
   * @param ends false takes that back, where it was not taken
   */
  void endWithCheckpoint(boolean ends);

  /**
   * The rows given so far are of the checkpoint, those that follow are not. Between two events, on the
   * thread that drives; does not wait.
   */
  void barrier(long number);

  /**
   * Waits until the rows before a barrier are outside.
   *
   * @return what has to be committed, or null for nothing
   * @throws io.laminardb.core.error.LaminarException CONNECTOR_FAILED where they cannot be
   */
  byte[] awaitPreCommit(long number);

  /** The checkpoint is durable: commits all that it names. Waits; a failure is kept by the sink. */
  void commit(long number);
}
