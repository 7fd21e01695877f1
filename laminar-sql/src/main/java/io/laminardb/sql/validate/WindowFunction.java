package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.SqlOperandCountRanges;

/**
 * What stands for a window in Calcite's trees: {@code (time, size ns, slide ns, offset ns, calendar [,
 * keys of a partitioned session])}, with lengths in units of the calendar if that is not empty, see
 * {@link WindowCalendar}. Its value is the window; {@link #START} and {@link #END} take its bounds.
 * A plan never evaluates it: planning turns it into a window of an aggregate.
 */
public final class WindowFunction extends OwnOperator {
  public static final WindowFunction TUMBLE = new WindowFunction("TUMBLE");
  public static final WindowFunction HOP = new WindowFunction("HOP");
  public static final WindowFunction SESSION = new WindowFunction("SESSION");
  public static final WindowFunction CUMULATE = new WindowFunction("CUMULATE");

  /** The start of a window; typed like its time. */
  public static final SqlFunction START = new Bound("START OF WINDOW");

  /** The end of a window; typed like its time. */
  public static final SqlFunction END = new Bound("END OF WINDOW");

  /** The last instant of a window: its end, less one unit of its time. Also of a column that is an end. */
  public static final SqlFunction TIME = new Bound("WINDOW_TIME");

  /** Stands for a window whose bounds are two columns by now. */
  public static final SqlFunction BOUNDS = new Bound("WINDOW");

  /** Operands before the keys of a partitioned session. */
  public static final int FIXED_OPERANDS = 5;

  private WindowFunction(String name) {
    super(name, WindowFunction::notNullTime);
  }

  /** The function users write as {@code name}, or null. */
  static WindowFunction named(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "TUMBLE" -> TUMBLE;
      case "HOP", "SLIDE" -> HOP;
      case "SESSION" -> SESSION;
      case "CUMULATE" -> CUMULATE;
      default -> null;
    };
  }

  private static RelDataType notNullTime(SqlOperatorBinding binding) {
    return binding.getTypeFactory().createTypeWithNullability(binding.getOperandType(0), false);
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.from(FIXED_OPERANDS);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    RelDataType type = binding.getOperandType(0);
    DataType time = timeOrNull(type);
    if (time == null) {
      throw Positions.error(
              ErrorCode.INVALID_TIME_ATTRIBUTE,
              binding.operand(0),
              "the time of a window must be a TIMESTAMP or a BIGINT of epoch milliseconds, "
                  + binding.operand(0)
                  + " is "
                  + type.getSqlTypeName()
                  + ".")
          .mend("Declare the column as TIMESTAMP or BIGINT.");
    }
    if (!binding.getOperandLiteralValue(4, String.class).isEmpty()) {
      return true;
    }
    for (int i = 1; i < 4; i++) {
      long nanos = binding.getOperandLiteralValue(i, Long.class);
      if (nanos % time.nanosPerUnit() != 0) {
        throw Positions.error(
                ErrorCode.INVALID_WINDOW,
                binding.operand(i),
                "an interval of "
                    + Intervals.text(nanos)
                    + " is finer than the time column, a "
                    + time
                    + " in steps of "
                    + Intervals.text(time.nanosPerUnit())
                    + ".")
            .mend("Use a multiple of that, or a finer TIMESTAMP.");
      }
    }
    return true;
  }

  private static DataType timeOrNull(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case BIGINT, TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> Types.of(type);
      default -> null;
    };
  }

  private static final class Bound extends OwnOperator {
    Bound(String name) {
      super(name, WindowFunction::notNullTime);
    }

    @Override
    public SqlOperandCountRange getOperandCountRange() {
      return SqlOperandCountRanges.between(1, 2);
    }

    @Override
    public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
      return true;
    }
  }
}
