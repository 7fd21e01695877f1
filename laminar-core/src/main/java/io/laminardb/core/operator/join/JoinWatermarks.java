package io.laminardb.core.operator.join;

import io.laminardb.core.operator.Output;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;

/**
 * What the two inputs of a join say of event time, in the unit both times are compared in. An idle
 * input holds nobody back: it counts as being as far as the other. None ever goes back.
 */
final class JoinWatermarks {
  private final long nanosPerUnit;
  private final long[] own = {Watermark.NONE, Watermark.NONE};
  private final boolean[] idle = new boolean[2];
  private final long[] reached = {Watermark.NONE, Watermark.NONE};
  private long passed = Watermark.NONE; // nanoseconds
  private boolean passedIdle;

  JoinWatermarks(long nanosPerUnit) {
    this.nanosPerUnit = nanosPerUnit;
  }

  /** Takes the watermark of an input, in nanoseconds or one of the special values. */
  void set(int port, long watermarkNs) {
    idle[port] = watermarkNs == Watermark.IDLE;
    if (!idle[port]) {
      own[port] = Math.max(own[port], TimeUnits.notBefore(watermarkNs, nanosPerUnit));
    }
    reach(0);
    reach(1);
  }

  private void reach(int port) {
    long now = own[port];
    long other = own[1 - port];
    if (idle[port] && !idle[1 - port] && other != Watermark.END) {
      now = Math.max(now, other);
    }
    reached[port] = Math.max(reached[port], now);
  }

  /** No row of the input before this time will come, but late ones. */
  long of(int port) {
    return reached[port];
  }

  /**
   * What to pass on, when the results to come are not before {@code time}: nanoseconds, IDLE when
   * both inputs are, or NONE when there is nothing new to say.
   */
  private long next(long time) {
    if (isIdle()) {
      return passedIdle ? Watermark.NONE : Watermark.IDLE;
    }
    long ns =
        time == Watermark.END || time == Watermark.NONE
            ? time
            : TimeUnits.toNanos(time, nanosPerUnit);
    long next = Math.max(ns, passed);
    return next > passed || passedIdle ? next : Watermark.NONE;
  }

  private boolean isIdle() {
    return idle[0] && idle[1]
        || idle[0] && own[1] == Watermark.END
        || idle[1] && own[0] == Watermark.END;
  }

  /** The output has taken what {@link #next} said. */
  private void passed(long watermarkNs) {
    passedIdle = watermarkNs == Watermark.IDLE;
    if (!passedIdle) {
      passed = watermarkNs;
    }
  }

  /** Passes on what is {@link #next}; false for back-pressure. */
  boolean passOn(long time, Output output) {
    long due = next(time);
    if (due != Watermark.NONE) {
      if (!output.watermark(due)) {
        return false;
      }
      passed(due);
    }
    return true;
  }

  /** Nanoseconds of a time. */
  long toNanos(long time) {
    return time == Watermark.END ? time : TimeUnits.toNanos(time, nanosPerUnit);
  }

  void write(StateWriter writer) {
    for (int port = 0; port < 2; port++) {
      writer.putLong(own[port]);
      writer.putByte(idle[port] ? 1 : 0);
      writer.putLong(reached[port]);
    }
    writer.putLong(passed);
    writer.putByte(passedIdle ? 1 : 0);
  }

  void read(StateReader reader) {
    for (int port = 0; port < 2; port++) {
      own[port] = reader.getLong();
      idle[port] = reader.getByte() != 0;
      reached[port] = reader.getLong();
    }
    passed = reader.getLong();
    passedIdle = reader.getByte() != 0;
  }

  /** {@code time + span}, clamped; NONE and END stay themselves. */
  static long shift(long time, long span) {
    if (time == Watermark.NONE || time == Watermark.END) {
      return time;
    }
    long sum = time + span;
    if (((time ^ sum) & (span ^ sum)) < 0) {
      return span < 0 ? Watermark.NONE : Watermark.END;
    }
    return sum;
  }

  /** {@code time * scale}, clamped: a time in a finer unit. */
  static long scaled(long time, long scale) {
    return scale == 1 ? time : TimeUnits.toNanos(time, scale);
  }
}
