package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorUtil;

/**
 * The columns that joins with USING, and NATURAL ones, have in common, as SQL has them: one column
 * wherever its name stands alone, of whichever side has a value. Calcite knows that of {@code *} and of
 * one join in a select list only, and compares the first of several in the next join.
 */
final class SharedColumns {
  private final SqlValidator validator;
  private final Map<String, SqlNode> columns;

  private SharedColumns(SqlValidator validator, SqlJoin from) {
    this.validator = validator;
    this.columns = shared(from);
  }

  /** Names those of a SELECT, whose FROM is validated, in its clauses. */
  static void name(SqlSelect select, SqlValidator validator) {
    if (!(select.getFrom() instanceof SqlJoin join)) {
      return;
    }
    SharedColumns shared = new SharedColumns(validator, join);
    if (shared.columns.isEmpty()) {
      return;
    }
    List<String> aliases = new ArrayList<>();
    SqlNodeList items = select.getSelectList(); // which Calcite has taken already
    for (int i = 0; i < items.size(); i++) {
      SqlNode item = items.get(i);
      items.set(i, shared.item(item));
      if (item.getKind() == SqlKind.AS) {
        aliases.add(((SqlCall) item).operand(1).toString().toLowerCase(Locale.ROOT));
      }
    }
    select.setWhere(shared.named(select.getWhere()));
    select.setGroupBy((SqlNodeList) shared.named(select.getGroup()));
    select.setHaving(shared.named(select.getHaving()));
    select.setQualify(shared.named(select.getQualify()));
    SqlNodeList windows = (SqlNodeList) shared.named(select.getWindowList());
    for (int i = 0; i < windows.size(); i++) {
      select.getWindowList().set(i, windows.get(i));
    }
    shared.columns.keySet().removeAll(aliases); // which ORDER BY means first
    select.setOrderBy((SqlNodeList) shared.named(select.getOrderList()));
  }

  /**
   * Makes conditions of USING where a side has a column of several relations: any of them may have the
   * value. For a SELECT that is validated.
   */
  static void compare(SqlNode from, SqlValidator validator) {
    if (from instanceof SqlJoin join) {
      compare(join.getLeft(), validator);
      compare(join.getRight(), validator);
      new SharedColumns(validator, join).compare(join);
    }
  }

  private void compare(SqlJoin join) {
    SqlParserPos position = join.getParserPosition();
    SqlNode all = null;
    boolean merged = false;
    for (String name : names(join)) {
      SqlNode left = column(join.getLeft(), name);
      SqlNode right = column(join.getRight(), name);
      merged |= left instanceof SqlCall || right instanceof SqlCall;
      SqlNode equal = SqlStdOperatorTable.EQUALS.createCall(position, left, right);
      all = all == null ? equal : SqlStdOperatorTable.AND.createCall(position, all, equal);
    }
    if (merged) {
      join.setOperand(1, org.apache.calcite.sql.SqlLiteral.createBoolean(false, position));
      join.setOperand(4, JoinConditionType.ON.symbol(position));
      join.setOperand(5, all);
      all.validate(validator, validator.getJoinScope(join));
    }
  }

  /** What names of shared columns stand for, without regard to case. */
  private Map<String, SqlNode> shared(SqlNode relation) {
    Map<String, SqlNode> found = new TreeMap<>();
    if (!(relation instanceof SqlJoin join)) {
      return found;
    }
    found.putAll(shared(join.getLeft()));
    found.putAll(shared(join.getRight()));
    for (String name : names(join)) {
      found.put(name.toLowerCase(Locale.ROOT), column(join, name));
    }
    return found;
  }

  /** A column of a relation or join. */
  private SqlNode column(SqlNode relation, String name) {
    if (!(relation instanceof SqlJoin join)) {
      RelDataTypeField field = field(relation, name);
      return field == null
          ? null
          : new SqlIdentifier(List.of(alias(relation), field.getName()), SqlParserPos.ZERO);
    }
    SqlNode left = column(join.getLeft(), name);
    SqlNode right = column(join.getRight(), name);
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    if (names(join).stream().noneMatch(name::equalsIgnoreCase)) {
      return left;
    }
    return switch (join.getJoinType()) {
      case RIGHT, FULL -> SqlStdOperatorTable.COALESCE.createCall(SqlParserPos.ZERO, left, right);
      default -> left;
    };
  }

  /** The names of USING, or those both sides of a NATURAL join have. */
  private List<String> names(SqlJoin join) {
    if (join.isNatural()) {
      RelDataType left = validator.getNamespace(join.getLeft()).getRowType();
      RelDataType right = validator.getNamespace(join.getRight()).getRowType();
      return SqlValidatorUtil.deriveNaturalJoinColumnList(
          validator.getCatalogReader().nameMatcher(), left, right);
    }
    return join.getConditionType() == JoinConditionType.USING
        ? ((SqlNodeList) join.getCondition())
            .stream().map(name -> ((SqlIdentifier) name).getSimple()).toList()
        : List.of();
  }

  private RelDataTypeField field(SqlNode relation, String name) {
    return validator
        .getCatalogReader()
        .nameMatcher()
        .field(validator.getNamespace(relation).getRowType(), name);
  }

  private static String alias(SqlNode relation) {
    return SqlValidatorUtil.alias(relation);
  }

  private SqlNode item(SqlNode item) {
    SqlNode named = named(item);
    return named != item && item instanceof SqlIdentifier name
        ? QueryRewriter.as(named, name.getSimple(), name.getParserPosition())
        : named;
  }

  private SqlNode named(SqlNode node) {
    return node == null ? null : node.accept(new Shuttle());
  }

  private final class Shuttle extends SqlShuttle {
    @Override
    public SqlNode visit(SqlIdentifier name) {
      SqlNode column =
          name.isSimple() ? columns.get(name.getSimple().toLowerCase(Locale.ROOT)) : null;
      return column == null ? name : column.clone(name.getParserPosition());
    }

    @Override
    public SqlNode visit(SqlCall call) {
      if (call.isA(SqlKind.QUERY)) {
        return call; // has names of its own
      }
      if (call.getKind() == SqlKind.AS) {
        List<SqlNode> operands = new ArrayList<>(call.getOperandList());
        operands.set(0, operands.get(0).accept(this));
        return call.getOperator().createCall(call.getParserPosition(), operands);
      }
      return super.visit(call);
    }
  }
}
