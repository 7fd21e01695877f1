package io.laminardb.core.connector;

/**
 * Takes rows outside in transactions, which a durable database commits with its checkpoints: so no row is
 * lost and none is seen twice, whatever ends the process. One thread at a time; every method may block
 * on the outside, and none is called by a thread that computes, but inline.
 *
 * <p>The life of a writer: first {@link #recoverCommit} for each transaction that the checkpoint names
 * from which the database goes on, oldest first, then {@link #abort}, once. From then on, again and
 * again: {@link #begin}, rows and flushes, {@link #preCommit} at the moment of a checkpoint, and, once
 * that is durable, {@link #commit}. The next transaction begins before the one before is committed;
 * several may wait for their commit where a checkpoint could not be written, and are then committed in
 * their order with the next one. {@link #close} may come at any time and is no commit: what was not
 * committed is finished by recoverCommit, or written again, when the database is opened.
 *
 * <p>What a method throws ends the writer: no checkpoint is taken any more, and all that was not
 * committed comes again when the database is opened.
 */
public interface TransactionalWriter extends SinkWriter {
  /** Begins a transaction, to which the rows belong that are written from now on. */
  void begin();

  /**
   * Makes the rows of the transaction durable outside, where nobody sees them, so that no later commit
   * fails for them.
   *
   * @return what {@link #commit} or, in another process, {@link #recoverCommit} needs; opaque, versioned
   *     bytes
   */
  byte[] preCommit();

  /**
   * Shows the rows of a transaction to everybody, and makes that durable before it returns.
   *
   * @param transaction what preCommit gave
   */
  void commit(byte[] transaction);

  /**
   * Commits a transaction of an earlier life of the sink. It may have been committed already, wholly or
   * in part, and this may have been called for it before: then it shows nothing twice.
   *
   * @param transaction what preCommit gave
   * @throws io.laminardb.core.error.LaminarException IO_ERROR where its rows are gone; STATE_CORRUPT where
   *     these are not bytes of preCommit
   */
  void recoverCommit(byte[] transaction);

  /**
   * Discards all rows that are not committed, those of an earlier life too. Where there are none it does
   * nothing.
   */
  void abort();

  /**
   * The stream has ended, or the database is about to be closed: what is only shown when it is whole is
   * shown with the commit of this transaction. More rows may come in a later life.
   */
  @Override
  void finish();

  /** Lets go of what is open. Commits nothing and discards nothing. */
  @Override
  void close();
}
