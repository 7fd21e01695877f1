package io.laminardb.core.time;

/**
 * Values of a watermark: "no row before this event time will come any more", in nanoseconds since
 * the epoch. A watermark of {@code w} closes every window that ends at or before {@code w}.
 */
public final class Watermark {
  /** Nothing is known yet. */
  public static final long NONE = Long.MIN_VALUE;

  /** The input is idle: it holds nobody back until it speaks again. */
  public static final long IDLE = Long.MIN_VALUE + 1;

  /** The input has ended: everything closes. */
  public static final long END = Long.MAX_VALUE;

  private Watermark() {}
}
