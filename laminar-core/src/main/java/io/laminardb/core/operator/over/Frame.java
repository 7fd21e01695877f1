package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

/**
 * Which rows around a row a function looks at.
 *
 * @param without which of them it leaves out
 */
public record Frame(Unit unit, Bound start, Bound end, Exclusion without) {
  /** What offsets count. */
  public enum Unit {
    ROWS,
    /** Distance of the value in the one sort column; peers are never divided. */
    RANGE,
    /** Groups of peers. */
    GROUPS
  }

  /** What is left out of a frame. */
  public enum Exclusion {
    NO_OTHERS,
    CURRENT_ROW,
    /** The row and its peers. */
    GROUP,
    /** The peers of the row, which stays. */
    TIES
  }

  /** Where a bound lies. */
  public enum Kind {
    UNBOUNDED_PRECEDING,
    PRECEDING,
    CURRENT_ROW,
    FOLLOWING,
    UNBOUNDED_FOLLOWING
  }

  /**
   * One end of a frame.
   *
   * @param offset rows, groups, or the distance in units of an integer or time column; at least 0.
   *     In a DECIMAL column the low word of the distance, unscaled
   * @param high the high word of that
   * @param distance the distance in a REAL or DOUBLE column
   * @param months the distance in a column of dates or times, by the calendar; 0 unless that is how it is
   *     measured, and the offset then no less than any such distance
   */
  public record Bound(Kind kind, long offset, long high, double distance, int months) {
    /** A high word of distances that no two values have between them. */
    public static final long FARTHEST = Long.MAX_VALUE;

    /** A distance that is no number of months. */
    public Bound(Kind kind, long offset, long high, double distance) {
      this(kind, offset, high, distance, 0);
    }

    /** A bound without an offset. */
    public static Bound of(Kind kind) {
      return new Bound(kind, 0, 0, 0);
    }

    /** As far, in the other direction. */
    Bound mirrored() {
      return new Bound(
          kind == Kind.PRECEDING ? Kind.FOLLOWING : Kind.PRECEDING, offset, high, distance, months);
    }

    /** Rows or groups from the row: negative before it. */
    long step() {
      return switch (kind) {
        case PRECEDING -> -offset;
        case FOLLOWING -> offset;
        default -> 0;
      };
    }

    boolean hasOffset() {
      return kind == Kind.PRECEDING || kind == Kind.FOLLOWING;
    }

    /** Part of the name of a state's layout: without months it is what it was before there were any. */
    @Override
    public String toString() {
      String all = "kind=" + kind + ", offset=" + offset + ", high=" + high;
      String measured = ", distance=" + distance + (months == 0 ? "" : ", months=" + months);
      return "Bound[" + all + measured + "]";
    }
  }

  public Frame {
    requireNonNull(unit, "unit");
    requireNonNull(start, "start");
    requireNonNull(end, "end");
    requireNonNull(without, "without");
  }

  /** A frame that leaves nothing out. */
  public Frame(Unit unit, Bound start, Bound end) {
    this(unit, start, end, Exclusion.NO_OTHERS);
  }

  /** Whether it leaves rows out. */
  public boolean excludes() {
    return without != Exclusion.NO_OTHERS;
  }

  /** Whether it begins with the partition. */
  public boolean isFromStart() {
    return start.kind() == Kind.UNBOUNDED_PRECEDING;
  }

  /** Whether it ends with the partition. */
  public boolean isToEnd() {
    return end.kind() == Kind.UNBOUNDED_FOLLOWING;
  }

  /** Whether it measures values in the sort column. */
  public boolean measuresValues() {
    return unit == Unit.RANGE && (start.hasOffset() || end.hasOffset());
  }
}
