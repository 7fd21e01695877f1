package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code * EXCLUDE (a, b)}: all columns but these. The parser gives the names as the arguments of a
 * call of {@link #NAME} behind the star.
 */
final class StarWithout extends SqlIdentifier {
  /** What the parser calls the names. */
  static final String NAME = "STAR_EXCLUDE";

  private final SqlCall columns;
  private final Set<String> missing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> left = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  private StarWithout(SqlIdentifier star, SqlCall columns) {
    super(star.names, null, star.getParserPosition(), positions(star));
    this.columns = columns;
    for (SqlNode column : columns.getOperandList()) {
      if (!(column instanceof SqlIdentifier name) || !name.isSimple()) {
        throw Positions.error(ErrorCode.SYNTAX_ERROR, column, "EXCLUDE takes names of columns.")
            .mend("Write * EXCLUDE (a, b).");
      }
      missing.add(name.getSimple());
    }
  }

  private static List<SqlParserPos> positions(SqlIdentifier star) {
    List<SqlParserPos> all = new ArrayList<>();
    for (int i = 0; i < star.names.size(); i++) {
      all.add(star.getComponentParserPosition(i));
    }
    return all;
  }

  /** The items of a select list, with each star and the names it leaves out as one. */
  static List<SqlNode> joined(List<SqlNode> items) {
    List<SqlNode> joined = new ArrayList<>();
    for (SqlNode item : items) {
      if (item instanceof SqlCall call && call.getOperator().getName().equals(NAME)) {
        SqlNode star = joined.remove(joined.size() - 1);
        joined.add(new StarWithout((SqlIdentifier) star, call));
      } else {
        joined.add(item);
      }
    }
    return joined;
  }

  /** The stars of a select list that leave columns out. */
  static List<StarWithout> among(List<SqlNode> items) {
    return items.stream()
        .filter(StarWithout.class::isInstance)
        .map(StarWithout.class::cast)
        .toList();
  }

  /** Calcite numbers the columns of {@code *} over joins with USING before any is left out. */
  static void refuseShared(StarWithout star, SqlNode from) {
    if (from instanceof SqlJoin join) {
      if (join.isNatural() || join.getConditionType() == JoinConditionType.USING) {
        throw Positions.notSupported(
            star.columns,
            "* EXCLUDE of a join with USING, or a NATURAL one, is not supported.",
            "Write SELECT * EXCLUDE (a) FROM (SELECT * FROM l JOIN r USING (k)).");
      }
      refuseShared(star, join.getLeft());
      refuseShared(star, join.getRight());
    }
  }

  /**
   * Whether one of the stars leaves a column out.
   *
   * @param stars or null
   * @param column as its star is expanded to, with the name of its relation
   */
  static boolean leaveOut(List<StarWithout> stars, SqlIdentifier column) {
    return stars != null && stars.stream().anyMatch(star -> star.leavesOut(column));
  }

  private boolean leavesOut(SqlIdentifier column) {
    int last = column.names.size() - 1;
    boolean ours =
        isAt(column.getParserPosition())
            && (names.size() == 1
                || last > 0
                    && names.get(names.size() - 2).equalsIgnoreCase(column.names.get(last - 1)));
    if (ours && missing.remove(column.names.get(last))) {
      left.add(column.names.get(last));
    }
    return ours && left.contains(column.names.get(last));
  }

  /** Whether what stands there was expanded from this star, and not from another one. */
  private boolean isAt(SqlParserPos position) {
    SqlParserPos own = getParserPosition();
    return own.getLineNum() == position.getLineNum()
        && own.getColumnNum() == position.getColumnNum();
  }

  /** Throws where a column to be left out is not there, or none is left. */
  void check(int columnsLeft) {
    for (SqlNode column : columns.getOperandList()) {
      String name = ((SqlIdentifier) column).getSimple();
      if (missing.contains(name)) {
        throw Positions.error(
                ErrorCode.COLUMN_NOT_FOUND, column, "there is no column \"" + name + "\" in *.")
            .mend("Name columns that * has.");
      }
    }
    if (columnsLeft == 0) {
      throw Positions.error(ErrorCode.VALIDATION_FAILED, columns, "EXCLUDE leaves no column.")
          .mend("Name fewer columns, or others beside the star.");
    }
  }
}
