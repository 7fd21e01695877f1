package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.sql.parser.ClauseSpellings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code * EXCLUDE (a, b) REPLACE (x AS c)}: all columns but a and b, and x in the place of c. The parser
 * gives the names as the arguments of a call of {@link #NAME} behind the star, and what they are replaced
 * by as those of {@link ClauseSpellings#REPLACE}.
 */
final class StarWithout extends SqlIdentifier {
  /** What the parser calls the names. */
  static final String NAME = "STAR_EXCLUDE";

  private final SqlCall columns; // what is left out, or else what is replaced
  private final Set<String> missing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> left = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, SqlNode> replacements = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<SqlNode> named = new ArrayList<>(); // what check looks for

  private StarWithout(SqlIdentifier star, SqlCall columns) {
    super(star.names, null, star.getParserPosition(), positions(star));
    this.columns = columns;
  }

  private void exclude(SqlCall names) {
    for (SqlNode column : names.getOperandList()) {
      missing.add(nameOf(column, "EXCLUDE takes names of columns.", "Write * EXCLUDE (a, b)."));
    }
  }

  private void replace(SqlCall call, UnaryOperator<SqlNode> values) {
    for (int i = 0; i < call.operandCount(); i += 2) {
      String mend = "Write * REPLACE (x + 1 AS x, 0 AS y).";
      SqlNode column = call.operand(Math.min(i + 1, call.operandCount() - 1));
      String name = nameOf(column, "REPLACE takes values, each AS the name of a column.", mend);
      SqlNode value = values.apply(call.operand(i));
      replacements.put(name, QueryRewriter.as(value, name, column.getParserPosition()));
      if (!missing.add(name)) {
        throw Positions.error(
                ErrorCode.VALIDATION_FAILED, column, "column \"" + name + "\" is named twice.")
            .mend("Name it once behind the star.");
      }
    }
  }

  private String nameOf(SqlNode column, String problem, String mend) {
    if (!(column instanceof SqlIdentifier name) || !name.isSimple()) {
      throw Positions.error(ErrorCode.SYNTAX_ERROR, column, problem).mend(mend);
    }
    named.add(column);
    return name.getSimple();
  }

  private static List<SqlParserPos> positions(SqlIdentifier star) {
    List<SqlParserPos> all = new ArrayList<>();
    for (int i = 0; i < star.names.size(); i++) {
      all.add(star.getComponentParserPosition(i));
    }
    return all;
  }

  /**
   * The items of a select list, with each star and what stands behind it as one.
   *
   * @param values rewrites what a column is replaced by
   */
  static List<SqlNode> joined(List<SqlNode> items, UnaryOperator<SqlNode> values) {
    List<SqlNode> joined = new ArrayList<>();
    for (SqlNode item : items) {
      String name = item instanceof SqlCall call ? call.getOperator().getName() : "";
      if (!name.equals(NAME) && !name.equals(ClauseSpellings.REPLACE)) {
        joined.add(item);
        continue;
      }
      SqlNode before = joined.remove(joined.size() - 1);
      StarWithout star =
          before instanceof StarWithout known
              ? known
              : new StarWithout((SqlIdentifier) before, (SqlCall) item);
      if (name.equals(NAME)) {
        star.exclude((SqlCall) item);
      } else {
        star.replace((SqlCall) item, values);
      }
      joined.add(star);
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
            "* EXCLUDE or REPLACE of a join with USING, or a NATURAL one, is not supported.",
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

  /**
   * What stands in the place of a column, with its name; or null.
   *
   * @param stars or null
   * @param column as for {@link #leaveOut}
   */
  static SqlNode replacement(List<StarWithout> stars, SqlNode column) {
    if (stars != null && column instanceof SqlIdentifier name) {
      for (StarWithout star : stars) {
        SqlNode replacement = star.replacements.get(name.names.get(name.names.size() - 1));
        if (replacement != null && star.hasColumn(name)) {
          star.missing.remove(name.names.get(name.names.size() - 1));
          return replacement;
        }
      }
    }
    return null;
  }

  private boolean leavesOut(SqlIdentifier column) {
    String name = column.names.get(column.names.size() - 1);
    boolean ours = hasColumn(column);
    if (ours && !replacements.containsKey(name) && missing.remove(name)) {
      left.add(name);
    }
    return ours && left.contains(name);
  }

  private boolean hasColumn(SqlIdentifier column) {
    int last = column.names.size() - 1;
    return isAt(column.getParserPosition())
        && (names.size() == 1
            || last > 0
                && names.get(names.size() - 2).equalsIgnoreCase(column.names.get(last - 1)));
  }

  /** Whether what stands there was expanded from this star, and not from another one. */
  private boolean isAt(SqlParserPos position) {
    SqlParserPos own = getParserPosition();
    return own.getLineNum() == position.getLineNum()
        && own.getColumnNum() == position.getColumnNum();
  }

  /** Throws where a column to be left out or replaced is not there, or none is left. */
  void check(int columnsLeft) {
    for (SqlNode column : named) {
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
