package io.laminardb.core.connector;

import io.laminardb.core.error.LaminarException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a reader does with a record it cannot read: the option {@code on_error = 'fail'} (default) or
 * {@code 'skip'}. One per reader; any thread may ask for the count.
 */
public final class BadRecordHandler {
  /** The values of {@code on_error}. */
  public enum Policy {
    /** The first bad record ends the source with its error. */
    FAIL,
    /** Bad records are left out and counted. */
    SKIP
  }

  private final Policy policy;
  private final AtomicLong skipped = new AtomicLong();

  public BadRecordHandler(Policy policy) {
    this.policy = policy;
  }

  /** Reads the option {@code on_error}. */
  public static Policy policyOf(ConnectorOptions options) {
    return options.getEnum("on_error", Policy.class, Policy.FAIL);
  }

  /** Returns if the record is to be left out, and throws {@code badRecord} if not. */
  public void handle(LaminarException badRecord) {
    if (policy == Policy.FAIL) {
      throw badRecord;
    }
    skipped.setRelease(skipped.getPlain() + 1);
  }

  /** Records left out so far. */
  public long skipped() {
    return skipped.getAcquire();
  }
}
