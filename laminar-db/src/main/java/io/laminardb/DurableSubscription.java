package io.laminardb;

/**
 * Follows a stream or view by a name, from the first row on that was not acknowledged by that name. Every
 * row has a number, counted from 1 over the whole life of the subscription, which begins with CREATE
 * SUBSCRIPTION (or the first {@link LaminarDB#subscribe(String, Subscriber)}) and ends with DROP
 * SUBSCRIPTION; {@link #close} only ends this following.
 *
 * <p>In a database on disk nothing is lost or repeated, whatever ends the process: a row is given only
 * when what it came from is on disk, a row that was acknowledged never comes again, and a row that was
 * not comes again with the same number. So who writes the number beside what it makes of the row, in
 * one transaction, has done each row once. In memory the subscription lives as long as the database.
 *
 * <p>Rows wait until they are acknowledged, as many as {@link LaminarDB.Builder#subscriptionRows}: then
 * the subscription holds back the queries before it, whether somebody follows it or not. Taking rows
 * alone makes no room.
 *
 * <p><b>Threading.</b> One thread takes rows, not a listener; it may wait for one write of the disk. The
 * other methods may be called by any thread.
 */
public interface DurableSubscription extends Subscription {
  /** Its name. */
  String name();

  /**
   * The number of the last row that was given, of the last one of a {@link #drain()}; before the first
   * one the number that was acknowledged, 0 for none.
   */
  long sequence();

  /** The number up to which rows were acknowledged, 0 for none. */
  long acknowledged();

  /**
   * Rows up to a number are done with and never come again. Returns when that is on disk; for a number
   * that was acknowledged already, at once.
   *
   * @param sequence of a row that was given
   * @throws io.laminardb.core.error.LaminarException INVALID_OPTION for a row that was not given here;
   *     IO_ERROR where it cannot be kept; CLOSED
   */
  void ack(long sequence);

  /** Acknowledges all rows given so far: {@code ack(sequence())}. */
  void ack();
}
