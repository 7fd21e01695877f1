package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.util.Litmus;

/** Reads window functions, as functions of GROUP BY and as table functions, into markers. */
final class WindowCalls {
  /** Table function: rows and the window each belongs to. */
  record TableWindow(SqlNode input, SqlNode marker) {}

  private WindowCalls() {}

  /** The name of the function called, without Calcite's decoration. */
  static String name(SqlCall call) {
    String name = call.getOperator().getName();
    int clause = name.startsWith("JSON_") ? name.indexOf("AGG_") : -1; // JSON_ARRAYAGG_NULL_ON_NULL
    if (clause > 0) {
      return name.substring(0, clause + "AGG".length());
    }
    return (name.startsWith("$") ? name.substring(1) : name).toUpperCase(Locale.ROOT);
  }

  /** Whether {@code node} is {@code tumble(..)}, {@code hop(..)} and so on. */
  static boolean isWindow(SqlNode node) {
    return node instanceof SqlCall call
        && call.getOperator() instanceof org.apache.calcite.sql.SqlFunction
        && WindowFunction.named(name(call)) != null;
  }

  /** Whether {@code node} is {@code tumble_start(..)}, {@code session_end(..)} and so on. */
  static boolean isBound(SqlNode node) {
    return node instanceof SqlCall call
        && call.getOperator() instanceof org.apache.calcite.sql.SqlFunction
        && (name(call).endsWith("_START") || name(call).endsWith("_END"))
        && WindowFunction.named(functionOfBound(name(call))) != null;
  }

  static boolean isEndBound(SqlCall call) {
    return name(call).endsWith("_END");
  }

  /** {@code tumble(..)} of {@code tumble_start(..)}. */
  static SqlCall windowOf(SqlCall bound) {
    return CallSpellings.function(
        functionOfBound(name(bound)),
        bound.getParserPosition(),
        bound.getOperandList().toArray(SqlNode[]::new));
  }

  private static String functionOfBound(String name) {
    return name.substring(0, name.lastIndexOf('_'));
  }

  /** The marker of {@code tumble(ts, size)} or of {@code tumble_start(ts, size)}. */
  static SqlNode marker(SqlCall call) {
    String name = isBound(call) ? functionOfBound(name(call)) : name(call);
    WindowFunction function = WindowFunction.named(name);
    List<SqlNode> arguments = new ArrayList<>(call.getOperandList());
    SqlNode zone = zone(arguments);
    boolean slides = function == WindowFunction.HOP || function == WindowFunction.CUMULATE;
    int lengths = slides ? 2 : 1;
    int maximum = function == WindowFunction.SESSION ? 2 : lengths + 2;
    if (arguments.size() < lengths + 1 || arguments.size() > maximum) {
      throw wrongArguments(call, name, usage(name, function));
    }
    return marker(
        call,
        function,
        arguments.get(0),
        arguments.get(1),
        slides ? arguments.get(2) : null,
        arguments.size() == lengths + 2 ? arguments.get(lengths + 1) : null,
        zone,
        List.of());
  }

  /** Takes the name of a time zone off the end. */
  private static SqlNode zone(List<SqlNode> arguments) {
    int last = arguments.size() - 1;
    return last > 0 && WindowCalendar.isZone(arguments.get(last)) ? arguments.remove(last) : null;
  }

  /** Whether two markers are of one kind of window with the same lengths, whatever their time is. */
  static boolean isSameShape(SqlCall marker, SqlCall other) {
    if (marker.getOperator() != other.getOperator()) {
      return false;
    }
    for (int i = 1; i < WindowFunction.FIXED_OPERANDS; i++) {
      if (!marker.operand(i).equalsDeep(other.operand(i), Litmus.IGNORE)) {
        return false;
      }
    }
    return true;
  }

  private static String usage(String name, WindowFunction function) {
    String call = name.toLowerCase(Locale.ROOT);
    if (function == WindowFunction.SESSION) {
      return "Write session(ts, INTERVAL '30' SECOND): time and gap.";
    }
    return switch (call) {
      case "tumble" ->
          "Write tumble(ts, INTERVAL '1' MINUTE): time, size and, if needed, offset and time zone.";
      case "cumulate" ->
          "Write cumulate(ts, INTERVAL '1' DAY, INTERVAL '1' HOUR): time, size, step and, if"
              + " needed, offset and time zone.";
      default ->
          "Write "
              + call
              + "(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE): time, size, slide"
              + " and, if needed, offset and time zone.";
    };
  }

  private static LaminarException wrongArguments(SqlCall call, String name, String usage) {
    return Positions.error(
            ErrorCode.INVALID_WINDOW,
            call,
            name.toLowerCase(Locale.ROOT) + " has " + call.operandCount() + " arguments.")
        .mend(usage);
  }

  private static SqlNode marker(
      SqlCall call,
      WindowFunction function,
      SqlNode time,
      SqlNode size,
      SqlNode slide,
      SqlNode offset,
      SqlNode zone,
      List<SqlNode> keys) {
    boolean session = function == WindowFunction.SESSION;
    if (session && (zone != null || WindowCalendar.isMonths(size))) {
      throw WindowCalendar.ofSession(zone == null ? size : zone);
    }
    WindowCalendar calendar = WindowCalendar.of(size, slide, offset, zone);
    long length = positive(size, calendar, session ? "the gap" : "the size");
    long distance =
        slide == null
            ? session ? 0 : length
            : positive(slide, calendar, function == WindowFunction.HOP ? "the slide" : "the step");
    if (function == WindowFunction.CUMULATE && length % distance != 0) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW, slide, "the step does not divide the size evenly.")
          .mend("Choose a size that is a multiple of the step.");
    }
    long period = function == WindowFunction.CUMULATE ? length : distance;
    boolean shifts = offset != null && calendar != null && !calendar.counts(offset);
    long phase =
        offset == null || shifts
            ? 0
            : Math.floorMod(
                calendar == null ? offsetNanos(offset) : calendar.units(offset, "the offset"),
                period);
    if (calendar == null && zone != null) {
      phase = Math.floorMod(phase + WindowCalendar.evenPhaseNs(zone, period), period);
    }
    List<SqlNode> operands = new ArrayList<>();
    operands.add(time);
    operands.add(literal(length, size));
    operands.add(literal(distance, slide == null ? size : slide));
    operands.add(literal(phase, offset == null ? size : offset));
    operands.add(
        SqlLiteral.createCharString(
            calendar == null ? "" : calendar.text(shifts ? offset : null),
            size.getParserPosition()));
    operands.addAll(keys);
    return function.createCall(call.getParserPosition(), operands);
  }

  private static long offsetNanos(SqlNode offset) {
    return Intervals.signedNanos(offset, ErrorCode.INVALID_WINDOW, "the offset");
  }

  private static long positive(SqlNode interval, WindowCalendar calendar, String what) {
    String named = what + " of a window";
    long length =
        calendar == null
            ? Intervals.nanos(interval, ErrorCode.INVALID_WINDOW, named)
            : calendar.units(interval, named);
    if (length <= 0) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW, interval, what + " of a window must be longer than 0.")
          .mend("Write it as INTERVAL '1' MINUTE.");
    }
    return length;
  }

  private static SqlNode literal(long nanos, SqlNode place) {
    return SqlLiteral.createExactNumeric(Long.toString(nanos), place.getParserPosition());
  }

  /** The window table function inside {@code TABLE(..)}, or null if it is another function. */
  static TableWindow tableWindow(SqlCall call) {
    String name = name(call);
    WindowFunction function = WindowFunction.named(name);
    if (function == null || name.equals("SLIDE")) {
      return null;
    }
    TableArguments arguments = new TableArguments(call, name, function);
    SqlNode rows = arguments.get("DATA");
    List<SqlNode> keys = new ArrayList<>();
    if (rows.getKind() == SqlKind.SET_SEMANTICS_TABLE) {
      SqlCall table = (SqlCall) rows;
      rows = table.operand(0);
      for (SqlNode key : (SqlNodeList) table.operand(1)) {
        keys.add(key);
      }
    }
    if (!keys.isEmpty() && function != WindowFunction.SESSION) {
      throw Positions.notSupported(
          call,
          "only SESSION takes PARTITION BY.",
          "Leave it out, and put the columns into GROUP BY.");
    }
    SqlNode session = arguments.find("GAP");
    SqlNode marker =
        marker(
            call,
            function,
            column(arguments.get("TIMECOL")),
            session != null ? session : arguments.get("SIZE"),
            function == WindowFunction.HOP
                ? arguments.get("SLIDE")
                : function == WindowFunction.CUMULATE ? arguments.get("STEP") : null,
            arguments.find("OFFSET"),
            arguments.find("ZONE"),
            keys);
    return new TableWindow(rows, marker);
  }

  private static SqlNode column(SqlNode descriptor) {
    if (descriptor instanceof SqlCall call
        && name(call).equals("DESCRIPTOR")
        && call.operandCount() == 1) {
      SqlNode column = call.operand(0);
      if (column instanceof SqlIdentifier) {
        return column;
      }
    }
    throw Positions.error(
            ErrorCode.INVALID_WINDOW, descriptor, "the time column is not DESCRIPTOR(column).")
        .mend("Write DESCRIPTOR(ts).");
  }

  /** Arguments of a window table function, by position or by name. */
  private static final class TableArguments {
    private final SqlCall call;
    private final String name;
    private final List<String> names;
    private final SqlNode[] values;

    TableArguments(SqlCall call, String name, WindowFunction function) {
      this.call = call;
      this.name = name;
      // Mind the standard's order: slide and step stand before the size.
      this.names =
          function == WindowFunction.SESSION
              ? List.of("DATA", "TIMECOL", "GAP")
              : function == WindowFunction.TUMBLE
                  ? List.of("DATA", "TIMECOL", "SIZE", "OFFSET", "ZONE")
                  : function == WindowFunction.HOP
                      ? List.of("DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET", "ZONE")
                      : List.of("DATA", "TIMECOL", "STEP", "SIZE", "OFFSET", "ZONE");
      this.values = new SqlNode[names.size()];
      int position = 0;
      for (SqlNode operand : call.getOperandList()) {
        if (operand.getKind() == SqlKind.ARGUMENT_ASSIGNMENT) {
          SqlCall assignment = (SqlCall) operand;
          String parameter =
              ((SqlIdentifier) assignment.operand(1)).getSimple().toUpperCase(Locale.ROOT);
          int index = names.indexOf(parameter);
          if (index < 0) {
            throw wrong(operand, name + " has no parameter " + parameter + ".");
          }
          values[index] = assignment.operand(0);
        } else if (position == values.length) {
          throw wrong(operand, name + " has " + call.operandCount() + " arguments.");
        } else if (position > 2 && WindowCalendar.isZone(operand)) {
          values[values.length - 1] = operand;
        } else {
          values[position++] = operand;
        }
      }
    }

    SqlNode find(String parameter) {
      int index = names.indexOf(parameter);
      return index < 0 ? null : values[index];
    }

    SqlNode get(String parameter) {
      SqlNode value = find(parameter);
      if (value == null) {
        throw wrong(call, name + " lacks " + parameter + ".");
      }
      return value;
    }

    private LaminarException wrong(SqlNode place, String problem) {
      return Positions.error(ErrorCode.INVALID_WINDOW, place, problem)
          .mend("Its parameters are " + String.join(", ", names) + ".");
    }
  }

  /** The call of a bound of the window {@code marker} stands for. */
  static SqlNode bound(SqlNode marker, boolean end, SqlParserPos position) {
    return bound(marker, end ? HiddenColumns.END : HiddenColumns.START, position);
  }

  /** The call of what a hidden column holds of the window {@code marker} stands for. */
  static SqlNode bound(SqlNode marker, String column, SqlParserPos position) {
    SqlFunction function =
        switch (column) {
          case HiddenColumns.START -> WindowFunction.START;
          case HiddenColumns.END -> WindowFunction.END;
          default -> WindowFunction.TIME;
        };
    return new SqlBasicCall(function, List.of(marker), position);
  }
}
