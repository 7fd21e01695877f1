package io.laminardb.core.operator.over;

/** What is due at some time, the earliest first and in the order of sequence numbers. One thread. */
interface DueRows {
  boolean isEmpty();

  /** The earliest time. */
  long time();

  /** The sequence number of the earliest entry. */
  long sequence();

  /** The value of the earliest entry. */
  long value();

  /** Takes the earliest entry out. */
  void remove();
}
