package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWindow;

/**
 * Writes windows that build on a named one, {@code OVER (w ROWS 2 PRECEDING)}, out: Calcite loses the
 * frame of those.
 */
final class NamedWindows {
  // The operands of a window, in order.
  private static final int REFERENCE = 1;
  private static final int PARTITION = 2;
  private static final int ORDER = 3;
  private static final int LOWER = 5;
  private static final int UPPER = 6;

  private final List<SqlNode> declared;

  /** The windows that a SELECT names. */
  NamedWindows(SqlSelect select) {
    SqlNodeList list = select.getWindowList();
    declared = list == null ? List.of() : list.getList();
  }

  /** The same window without a reference to another one; an unknown name is left to validation. */
  SqlCall writtenOut(SqlWindow window) {
    SqlIdentifier name = window.getRefName();
    SqlWindow base = name == null ? null : find(name);
    if (base == null || base == window) {
      return window;
    }
    SqlCall whole = writtenOut(base);
    List<SqlNode> operands = new ArrayList<>(window.getOperandList());
    List<SqlNode> from = whole.getOperandList();
    boolean orders = !window.getOrderList().isEmpty();
    boolean frames = operands.get(LOWER) != null || operands.get(UPPER) != null;
    if (!window.getPartitionList().isEmpty()) {
      throw refused(window, "a window that builds on " + name + " has PARTITION BY of its own.");
    }
    if (orders && !((SqlNodeList) from.get(ORDER)).isEmpty()) {
      throw refused(window, "a window orders rows that " + name + " has ordered already.");
    }
    boolean isFramed = from.get(LOWER) != null || from.get(UPPER) != null;
    if (isFramed && (orders || frames)) {
      throw refused(window, "a window builds on " + name + ", which has a frame.");
    }
    if (isFramed) {
      operands = new ArrayList<>(from);
      operands.set(0, window.getDeclName());
    } else {
      operands.set(REFERENCE, null);
      operands.set(PARTITION, from.get(PARTITION));
      operands.set(ORDER, orders ? operands.get(ORDER) : from.get(ORDER));
    }
    return window.getOperator().createCall(window.getParserPosition(), operands);
  }

  /** What stands behind OVER; a named window that leaves rows out is copied to its place. */
  SqlNode inPlace(SqlNode over) {
    SqlWindow window = over instanceof SqlIdentifier name && name.isSimple() ? find(name) : null;
    if (window == null || !excludes(window)) {
      return over;
    }
    List<SqlNode> operands = new ArrayList<>(writtenOut(window).getOperandList());
    operands.set(0, null);
    return window.getOperator().createCall(over.getParserPosition(), operands);
  }

  /** Whether a window has a frame that leaves rows out. */
  static boolean excludes(SqlWindow window) {
    return window.getExclude() != null && !SqlWindow.isExcludeNoOthers(window.getExclude());
  }

  private SqlWindow find(SqlIdentifier name) {
    for (SqlNode node : declared) {
      if (node instanceof SqlWindow window
          && window.getDeclName() != null
          && window.getDeclName().getSimple().equalsIgnoreCase(name.getSimple())) {
        return window;
      }
    }
    return null;
  }

  private static LaminarException refused(SqlWindow window, String problem) {
    return Positions.error(ErrorCode.VALIDATION_FAILED, window, problem)
        .mend("Write the window out, with all it has.");
  }
}
