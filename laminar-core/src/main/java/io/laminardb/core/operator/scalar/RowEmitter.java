package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/**
 * What a table function gives its rows to: generated classes extend this and implement the interface
 * that the function knows. The rows become the bytes of an ARRAY of ROWs, so that a function is
 * called once a row of its input, however the rows are passed on later. One thread; takes rows only
 * during a call.
 */
public abstract class RowEmitter {
  private static final int MOST_BYTES = 1 << 30;

  /** Where the columns of a row go. */
  protected final NestedWriter out;

  /** For the bytes of one column. */
  protected final Utf8Buffer scratch;

  private Thread caller; // null outside of a call
  private int rowStart;
  private RuntimeException failure; // of a row, which the function may have caught

  /** The buffers are whoever's they are made of. */
  protected RowEmitter(NestedWriter out, Utf8Buffer scratch) {
    this.out = out;
    this.scratch = scratch;
  }

  /** Begins a call. */
  public final void start() {
    out.start();
    failure = null;
    caller = Thread.currentThread();
  }

  /** Ends a call, however it ended. */
  public final void stop() {
    caller = null;
  }

  /** What was given, as an ARRAY; fails where a row did. */
  public final Utf8 rows() {
    if (failure != null) {
      throw failure;
    }
    return out.mark(NestedWriter.END).result();
  }

  /** Begins a row. */
  protected final void beginRow() {
    if (caller != Thread.currentThread()) {
      throw new IllegalStateException(
          "a table function gives rows only while it is called, by the thread that calls it");
    }
    if (out.length() > MOST_BYTES) {
      throw new LaminarException(
          ErrorCode.EXPRESSION_FAILED, "the rows for one row take more than a gigabyte");
    }
    rowStart = out.length();
    out.mark(NestedWriter.VALUE);
  }

  /** Takes a row back of which a column has failed. */
  protected final void failRow(RuntimeException cause) {
    out.truncate(rowStart);
    failure = cause;
    throw cause;
  }
}
