package io.laminardb.core.operator;

import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.Arrays;

/**
 * The watermark of an operator with several inputs: the least of those that are not idle. It never
 * goes back: an input that wakes up behind the others does not take it back. One thread.
 *
 * <p>An operator notes what came in, asks what is {@link #due}, does what that closes, passes it on
 * and says that it is {@link #passed}.
 */
public final class InputWatermarks {
  private final long[] inputs;
  private long passedOn = Watermark.NONE;
  private boolean idle;

  /** Of {@code ports} inputs of which nothing is known yet. */
  public InputWatermarks(int ports) {
    inputs = new long[ports];
    Arrays.fill(inputs, Watermark.NONE);
  }

  /** Notes the watermark of an input, and answers what is {@link #due}. */
  public long input(int port, long watermarkNs) {
    inputs[port] = watermarkNs;
    return due();
  }

  /** The watermark to pass on now, or NONE where there is nothing new to say. */
  public long due() {
    long least = leastOfActive();
    if (least == Watermark.NONE) {
      return Watermark.NONE;
    }
    if (least == Watermark.IDLE) {
      return idle ? Watermark.NONE : Watermark.IDLE;
    }
    long next = Math.max(least, passedOn);
    return idle || next > passedOn ? next : Watermark.NONE;
  }

  /** {@code due} has been passed on. */
  public void passed(long due) {
    idle = due == Watermark.IDLE;
    if (!idle) {
      passedOn = due;
    }
  }

  /** Notes a watermark and passes on what is due, for operators that do nothing else at one. */
  public Progress pass(int port, long watermarkNs, Output output) {
    long due = input(port, watermarkNs);
    if (due != Watermark.NONE) {
      if (!output.watermark(due)) {
        return Progress.BLOCKED;
      }
      passed(due);
    }
    return Progress.NEEDS_INPUT;
  }

  /** What was passed on last, idleness apart; NONE before the first. */
  public long passedOn() {
    return passedOn;
  }

  /** What is known of one input. */
  public long of(int port) {
    return inputs[port];
  }

  /** IDLE when nobody is active, or when all that are have ended and an idle one may return. */
  private long leastOfActive() {
    long least = Watermark.END;
    boolean anyIdle = false;
    for (long watermark : inputs) {
      if (watermark == Watermark.IDLE) {
        anyIdle = true;
      } else {
        least = Math.min(least, watermark);
      }
    }
    return anyIdle && least == Watermark.END ? Watermark.IDLE : least;
  }

  /** Writes itself into the current section. */
  public void snapshot(StateWriter writer) {
    writer.putLong(passedOn);
    writer.putByte(idle ? 1 : 0);
    for (long watermark : inputs) {
      writer.putLong(watermark);
    }
  }

  /** Reads what {@link #snapshot} wrote. */
  public void restore(StateReader reader) {
    passedOn = reader.getLong();
    idle = reader.getByte() != 0;
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = reader.getLong();
    }
  }
}
