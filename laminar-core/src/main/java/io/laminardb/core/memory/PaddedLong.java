package io.laminardb.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

class LeftPadding {
  long left1;
  long left2;
  long left3;
  long left4;
  long left5;
  long left6;
  long left7;
}

class PaddedValue extends LeftPadding {
  long value;
}

/**
 * A number alone on its cache lines: writing it takes nothing else from the cores that read its
 * neighbours. Any thread; begins as 0.
 */
public final class PaddedLong extends PaddedValue {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(PaddedValue.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  long right1;
  long right2;
  long right3;
  long right4;
  long right5;
  long right6;
  long right7;

  /** What was written before the value was set is visible to who reads it here. */
  public long get() {
    return (long) VALUE.getAcquire(this);
  }

  /** Publishes everything written before. */
  public void set(long newValue) {
    VALUE.setRelease(this, newValue);
  }

  /** Sets it where it is {@code expected}, and answers whether it was. */
  public boolean compareAndSet(long expected, long newValue) {
    return VALUE.compareAndSet(this, expected, newValue);
  }
}
