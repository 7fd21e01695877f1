package io.laminardb.core.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

class SequenceLeftPadding {
  long left1;
  long left2;
  long left3;
  long left4;
  long left5;
  long left6;
  long left7;
}

class SequenceValue extends SequenceLeftPadding {
  long value;
}

/** A counter that threads share, alone on its cache lines. */
final class Sequence extends SequenceValue {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(SequenceValue.class, "value", long.class);
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
  long get() {
    return (long) VALUE.getAcquire(this);
  }

  /** Publishes everything written before. */
  void set(long newValue) {
    VALUE.setRelease(this, newValue);
  }

  /** Moves on from {@code expected} to the next; false where another thread has done so. */
  boolean advance(long expected) {
    return VALUE.compareAndSet(this, expected, expected + 1);
  }
}
