package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;

/** What a SELECT groups by. */
final class GroupItems {
  private GroupItems() {}

  static boolean isTableWindow(SqlNode from) {
    return tableWindow(from) != null;
  }

  private static SqlCall tableWindow(SqlNode from) {
    SqlNode relation =
        from != null && from.getKind() == SqlKind.AS ? ((SqlCall) from).operand(0) : from;
    return relation != null
            && relation.getKind() == SqlKind.COLLECTION_TABLE
            && WindowCalls.isWindow(((SqlCall) relation).operand(0))
        ? ((SqlCall) relation).operand(0)
        : null;
  }

  /** What it groups by. One bound of a window says which window it is, so the other comes along. */
  static List<SqlNode> of(SqlSelect select) {
    List<SqlNode> items = Select.groupItems(select);
    SqlCall window = tableWindow(select.getFrom());
    if (window == null) {
      return items;
    }
    List<SqlNode> leaves = Select.leaves(items);
    SqlNode start = find(leaves, HiddenColumns.START);
    SqlNode end = find(leaves, HiddenColumns.END);
    boolean shareStart = WindowCalls.name(window).equals("CUMULATE");
    if (start == null && end != null || end == null && start != null && !shareStart) {
      List<SqlNode> both = new ArrayList<>(items);
      SqlIdentifier known = (SqlIdentifier) (start == null ? end : start);
      String other = start == null ? HiddenColumns.START : HiddenColumns.END;
      both.add(known.setName(known.names.size() - 1, other));
      return both;
    }
    return items;
  }

  private static SqlNode find(List<SqlNode> items, String bound) {
    return items.stream().filter(i -> Select.isBoundName(i, bound)).findFirst().orElse(null);
  }
}
