package io.laminardb.sql.validate;

import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;

/** Which hidden columns, the bounds of a window, a query or relation could carry. */
final class HiddenOffers {
  private final CatalogSnapshot catalog;

  HiddenOffers(CatalogSnapshot catalog) {
    this.catalog = catalog;
  }

  HiddenColumns of(SqlNode query, Names names) {
    return switch (query.getKind()) {
      case SELECT -> ofSelect((SqlSelect) query, names);
      case ORDER_BY -> of(((SqlOrderBy) query).query, names);
      case WITH -> of(((SqlWith) query).body, declare((SqlWith) query, names));
      case UNION -> {
        HiddenColumns all = HiddenColumns.BOTH;
        for (SqlNode operand : ((SqlCall) query).getOperandList()) {
          all = all.and(of(operand, names));
        }
        yield ((SqlCall) query).getOperator() == SqlStdOperatorTable.UNION_ALL
            ? all
            : HiddenColumns.NONE;
      }
      default -> HiddenColumns.NONE;
    };
  }

  private HiddenColumns ofSelect(SqlSelect select, Names names) {
    if (select.isDistinct() || select.getFrom() == null) {
      return HiddenColumns.NONE;
    }
    if (!Select.isGrouped(select)) {
      return ofRelation(select.getFrom(), names);
    }
    List<SqlNode> items = Select.leaves(GroupItems.of(select));
    if (items.stream().anyMatch(WindowCalls::isWindow)) {
      return HiddenColumns.BOTH;
    }
    HiddenColumns bounds =
        new HiddenColumns(
            items.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.START)),
            items.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.END)));
    return GroupItems.isTableWindow(select.getFrom())
        ? bounds
        : bounds.and(ofRelation(select.getFrom(), names));
  }

  HiddenColumns ofRelation(SqlNode from, Names names) {
    switch (from.getKind()) {
      case IDENTIFIER -> {
        HiddenColumns declared = names.find((SqlIdentifier) from);
        CatalogObject object = declared != null ? null : find((SqlIdentifier) from);
        return declared != null
            ? declared
            : object == null ? HiddenColumns.NONE : HiddenColumns.of(object.schema());
      }
      case AS -> {
        SqlCall as = (SqlCall) from;
        return as.operandCount() > 2 ? HiddenColumns.NONE : ofRelation(as.operand(0), names);
      }
      case EXPLICIT_TABLE -> {
        return ofRelation(((SqlCall) from).operand(0), names);
      }
      default -> {
        return from.isA(SqlKind.QUERY) ? of(from, names) : HiddenColumns.NONE;
      }
    }
  }

  Names declare(SqlWith with, Names names) {
    Names declared = names;
    for (SqlNode node : with.withList) {
      SqlWithItem item = (SqlWithItem) node;
      HiddenColumns offered =
          item.columnList == null ? of(item.query, declared) : HiddenColumns.NONE;
      declared = declared.with(item.name.getSimple(), offered);
    }
    return declared;
  }

  /** What the catalog has by a name; null where it has nothing. */
  CatalogObject find(SqlIdentifier name) {
    return name.isSimple() ? catalog.find(name.getSimple()) : null;
  }
}
