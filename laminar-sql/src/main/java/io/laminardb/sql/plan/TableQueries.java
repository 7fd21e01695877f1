package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.parser.Statement.Conflict;
import io.laminardb.sql.validate.PlainSelect;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * What UPDATE, DELETE and ON CONFLICT DO UPDATE do to a table, as queries over it. Those of an UPDATE
 * give <em>pairs</em>: all columns of the row that is there, then all of the row that takes its place.
 */
final class TableQueries {
  private static final SqlParserPos ZERO = SqlParserPos.ZERO;
  private static final String EXCLUDED = "EXCLUDED";

  private TableQueries() {}

  /** The rows that go. */
  static SqlNode delete(Statement.Delete delete, CatalogObject target) {
    String table = alias(delete.node().getAlias(), target);
    List<SqlNode> columns = new ArrayList<>();
    for (Field field : target.schema().fields()) {
      columns.add(qualified(table, field));
    }
    return select(columns, from(target, table), delete.node().getCondition());
  }

  /** The rows that change, as pairs. */
  static SqlNode update(Statement.Update update, CatalogObject target, Object... parameters) {
    String table = alias(update.node().getAlias(), target);
    Map<Integer, SqlNode> values = new TreeMap<>();
    for (int i = 0; i < update.node().getTargetColumnList().size(); i++) {
      Identifier name = identifier((SqlIdentifier) update.node().getTargetColumnList().get(i));
      assign(values, name, update.node().getSourceExpressionList().get(i), target, parameters);
    }
    List<SqlNode> pair = new ArrayList<>();
    for (int i = 0; i < target.schema().size(); i++) {
      pair.add(named(qualified(table, target.schema().field(i)), i));
    }
    for (int i = 0; i < target.schema().size(); i++) {
      SqlNode value = values.getOrDefault(i, qualified(table, target.schema().field(i)));
      pair.add(named(value, target.schema().size() + i));
    }
    return select(pair, from(target, table), update.node().getCondition());
  }

  /**
   * The rows of an INSERT .. ON CONFLICT DO UPDATE as pairs; where no row is there, the first half is
   * NULL.
   */
  static SqlNode upsert(
      Statement.Insert insert, SqlNode rows, CatalogObject target, Object... parameters) {
    Schema schema = target.schema();
    String table = target.name();
    List<String> given = given(insert, target);
    SqlNode arrived = arrived(schema.field(target.primaryKey().get(0)), table);
    SqlShuttle names = names(target, table, given);
    Map<Integer, SqlNode> values = new TreeMap<>();
    for (Conflict.Assignment assignment : insert.conflict().assignments()) {
      assign(values, assignment.column(), assignment.value().accept(names), target, parameters);
    }
    List<SqlNode> pair = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      pair.add(named(qualified(table, schema.field(i)), i));
    }
    for (int i = 0; i < schema.size(); i++) {
      SqlNode kept = values.getOrDefault(i, qualified(table, schema.field(i)));
      SqlNode value =
          new SqlCase(
              ZERO,
              null,
              SqlNodeList.of(arrived),
              SqlNodeList.of(excluded(schema.field(i), given)),
              kept);
      pair.add(named(value, schema.size() + i));
    }
    SqlNode condition =
        insert.conflict().condition() == null
            ? null
            : SqlStdOperatorTable.OR.createCall(
                ZERO, arrived, insert.conflict().condition().accept(names));
    return select(pair, joined(rows, given, target), condition);
  }

  private static SqlNode joined(SqlNode rows, List<String> given, CatalogObject target) {
    List<SqlNode> as = new ArrayList<>(List.of(rows, new SqlIdentifier(EXCLUDED, ZERO)));
    given.forEach(name -> as.add(new SqlIdentifier(name, ZERO)));
    SqlNode on = null;
    for (int key : target.primaryKey()) {
      Field field = target.schema().field(key);
      SqlNode equal =
          SqlStdOperatorTable.EQUALS.createCall(
              ZERO, qualified(target.name(), field), excluded(field, given));
      on = on == null ? equal : SqlStdOperatorTable.AND.createCall(ZERO, on, equal);
    }
    return new SqlJoin(
        ZERO,
        SqlStdOperatorTable.AS.createCall(ZERO, as),
        SqlLiteral.createBoolean(false, ZERO),
        JoinType.LEFT.symbol(ZERO),
        from(target, target.name()),
        JoinConditionType.ON.symbol(ZERO),
        on);
  }

  /** No row of the table has the key of the one that comes. */
  private static SqlNode arrived(Field key, String table) {
    return SqlStdOperatorTable.IS_NULL.createCall(ZERO, qualified(table, key));
  }

  private static List<String> given(Statement.Insert insert, CatalogObject target) {
    if (insert.columns().isEmpty()) {
      return target.schema().fields().stream().map(Field::name).toList();
    }
    List<String> names = new ArrayList<>();
    for (Identifier name : insert.columns()) {
      names.add(target.schema().field(InsertPlanner.column(name, target)).name());
    }
    return names;
  }

  /** The column of the row that comes; NULL where it is not given. */
  private static SqlNode excluded(Field field, List<String> given) {
    return given.contains(field.name()) ? qualified(EXCLUDED, field) : nullOf(field);
  }

  private static SqlNode nullOf(Field field) {
    return SqlStdOperatorTable.CAST.createCall(
        ZERO,
        SqlLiteral.createNull(ZERO),
        SqlTypeUtil.convertTypeToSpec(Types.toRel(Types.factory(), field.type(), true)));
  }

  /** A column alone is one of the row that is there. */
  private static SqlShuttle names(CatalogObject target, String table, List<String> given) {
    return new SqlShuttle() {
      @Override
      public SqlNode visit(SqlIdentifier id) {
        String last = id.names.get(id.names.size() - 1);
        int column = target.schema().indexOf(last);
        if (column < 0) {
          return id;
        }
        if (id.isSimple()) {
          return new SqlIdentifier(List.of(table, last), id.getParserPosition());
        }
        boolean excluded = id.names.size() == 2 && id.names.get(0).equalsIgnoreCase(EXCLUDED);
        return excluded ? excluded(target.schema().field(column), given) : id;
      }
    };
  }

  private static void assign(
      Map<Integer, SqlNode> values,
      Identifier name,
      SqlNode value,
      CatalogObject target,
      Object... parameters) {
    int column = InsertPlanner.column(name, target);
    SqlNode typed =
        InsertPlanner.isNull(value, parameters)
            ? InsertPlanner.typedNull(value, target.schema().field(column), target)
            : value;
    if (values.put(column, typed) != null) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "column \"" + name.name() + "\" is set twice.")
          .mend("Set each column once.")
          .at(name.position());
    }
  }

  private static String alias(SqlIdentifier alias, CatalogObject target) {
    return alias == null ? target.name() : alias.getSimple();
  }

  private static Identifier identifier(SqlIdentifier name) {
    SourcePosition position = io.laminardb.sql.validate.Positions.of(name.getParserPosition());
    return new Identifier(name.names.get(name.names.size() - 1), false, position);
  }

  private static SqlNode from(CatalogObject target, String alias) {
    SqlNode table = new SqlIdentifier(target.name(), ZERO);
    return alias.equals(target.name())
        ? table
        : SqlStdOperatorTable.AS.createCall(ZERO, table, new SqlIdentifier(alias, ZERO));
  }

  private static SqlNode qualified(String table, Field field) {
    return new SqlIdentifier(List.of(table, field.name()), ZERO);
  }

  private static SqlNode named(SqlNode value, int index) {
    return SqlStdOperatorTable.AS.createCall(ZERO, value, new SqlIdentifier("$" + index, ZERO));
  }

  private static SqlNode select(List<SqlNode> columns, SqlNode from, SqlNode where) {
    return PlainSelect.of(columns, from, where, ZERO);
  }

  /** Pairs whose second halves have the types of the table's columns. */
  static PlannedQuery castPairs(
      PlannedQuery pairs, RexBuilder rex, CatalogObject target, SourcePosition position) {
    int columns = target.schema().size();
    List<RexNode> projects = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < 2 * columns; i++) {
      Field field = target.schema().field(i % columns);
      RexNode value = Pipe.reference(rex, pairs.schema(), i);
      projects.add(i < columns ? value : InsertPlanner.castTo(rex, value, field, position));
      fields.add(new Field("$" + i, field.type(), true, false));
    }
    return InsertPlanner.projected(pairs, rex, projects, new Schema(fields, false));
  }
}
