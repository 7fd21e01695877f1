package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.validate.LocalZone;
import io.laminardb.sql.validate.Positions;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeUtil;

/** Fits the rows of an INSERT to the columns of its target. */
final class InsertPlanner {
  private InsertPlanner() {}

  /**
   * The rows of an INSERT .. VALUES. Each bare NULL is cast to the type of its column, and so are all
   * values of a column where text stands in some rows and something else in others, or NULL in some
   * rows and in others text for a column of another type, or the other way round.
   */
  static SqlNode withTypedValues(
      Statement.Insert insert, CatalogObject target, Object... parameters) {
    SqlNode source = insert.node().getSource();
    if (source.getKind() != SqlKind.VALUES) {
      return source;
    }
    List<SqlCall> rows =
        ((SqlCall) source)
            .getOperandList().stream()
                .filter(row -> row.getKind() == SqlKind.ROW)
                .map(SqlCall.class::cast)
                .toList();
    int width = rows.stream().mapToInt(SqlCall::operandCount).max().orElse(0);
    for (int i = 0; i < width; i++) {
      int place = i;
      int column =
          insert.columns().isEmpty()
              ? i
              : i < insert.columns().size()
                  ? target.schema().indexOf(insert.columns().get(i).name())
                  : -1;
      if (column < 0 || column >= target.schema().size()) {
        continue;
      }
      Field field = target.schema().field(column);
      List<SqlCall> known =
          rows.stream()
              .filter(row -> place < row.operandCount())
              .filter(row -> !isNull(row.operand(place), parameters))
              .toList();
      long texts = known.stream().filter(row -> isText(row.operand(place))).count();
      long fitting = field.type().kind() == DataType.Kind.VARCHAR ? texts : known.size() - texts;
      boolean withNulls = known.size() < rows.size();
      boolean mixed = texts > 0 && texts < known.size() || withNulls && fitting < known.size();
      for (SqlCall row : rows) {
        if (place >= row.operandCount()) {
          continue;
        }
        SqlNode value = row.operand(place);
        if (isNull(value, parameters)) {
          row.setOperand(place, typedNull(value, field, target));
        } else if (mixed) {
          row.setOperand(place, typed(value, field));
        }
      }
    }
    return source;
  }

  private static boolean isText(SqlNode value) {
    return value instanceof SqlCharStringLiteral;
  }

  private static SqlNode typed(SqlNode value, Field field) {
    RelDataType type = Types.toRel(Types.factory(), field.type(), true);
    return SqlStdOperatorTable.CAST.createCall(
        value.getParserPosition(), value, SqlTypeUtil.convertTypeToSpec(type));
  }

  /** A bare NULL, or a question mark that stands for it. */
  static boolean isNull(SqlNode value, Object... parameters) {
    return value instanceof SqlDynamicParam parameter
        ? parameter.getIndex() < parameters.length && parameters[parameter.getIndex()] == null
        : SqlUtil.isNullLiteral(value, false);
  }

  static SqlNode typedNull(SqlNode value, Field field, CatalogObject target) {
    if (!field.nullable()) {
      throw new LaminarException(
              ErrorCode.NULL_NOT_ALLOWED,
              "column \"" + field.name() + "\" of " + target.describe() + " is NOT NULL.")
          .mend("Give it a value.")
          .at(Positions.of(value.getParserPosition()));
    }
    return typed(value, field);
  }

  static PlannedQuery cast(
      PlannedQuery rows, RexBuilder rex, Statement.Insert insert, CatalogObject target) {
    int[] sourceOf = sources(insert, target, rows.schema().size());
    PlanNode root = named(rows.root(), sourceOf, target);
    List<RexNode> projects = new ArrayList<>();
    for (int i = 0; i < target.schema().size(); i++) {
      Field field = target.schema().field(i);
      RelDataType type = Types.toRel(rex.getTypeFactory(), field.type(), true);
      if (sourceOf[i] < 0) {
        if (!field.nullable()) {
          throw new LaminarException(
                  ErrorCode.NULL_NOT_ALLOWED,
                  "column \""
                      + field.name()
                      + "\" of "
                      + target.describe()
                      + " is NOT NULL and gets no value.")
              .mend("Name it in the column list and give it a value.")
              .at(insert.table().position());
        }
        projects.add(rex.makeNullLiteral(type));
      } else {
        projects.add(
            castTo(
                rex,
                Pipe.reference(rex, rows.schema(), sourceOf[i]),
                field,
                insert.table().position()));
      }
    }
    return projected(rows, root, rex, projects, nullable(target.schema()));
  }

  /** Rows of VALUES with the names of the columns they are for, which errors speak of. */
  private static PlanNode named(PlanNode root, int[] sourceOf, CatalogObject target) {
    if (!(root instanceof PlanNode.Values values)) {
      return root;
    }
    List<Field> fields = new ArrayList<>(values.schema().fields());
    for (int i = 0; i < sourceOf.length; i++) {
      if (sourceOf[i] >= 0) {
        Field given = fields.get(sourceOf[i]);
        String name = target.schema().field(i).name();
        fields.set(sourceOf[i], new Field(name, given.type(), given.nullable(), given.hidden()));
      }
    }
    return new PlanNode.Values(values.rows(), new Schema(fields, values.schema().isChangelog()));
  }

  /** A query with another projection on top. */
  static PlannedQuery projected(
      PlannedQuery rows, RexBuilder rex, List<RexNode> projects, Schema schema) {
    return projected(rows, rows.root(), rex, projects, schema);
  }

  private static PlannedQuery projected(
      PlannedQuery rows, PlanNode root, RexBuilder rex, List<RexNode> projects, Schema schema) {
    return new PlannedQuery(
        rows.kind(),
        Constants.fold(new PlanNode.Calc(root, null, projects, schema), rex),
        Optional.empty(),
        rows.upstreams(),
        List.of(),
        rows.eventTimes(),
        rows.onError(),
        null,
        rows.warnings(),
        rows.logical());
  }

  /** A value as one of a column's type. */
  static RexNode castTo(RexBuilder rex, RexNode value, Field field, SourcePosition position) {
    RelDataType type =
        Types.toRel(rex.getTypeFactory(), field.type(), value.getType().isNullable());
    if (Types.of(value.getType()).equals(field.type().withoutLength())) {
      return value;
    }
    if (!SqlTypeUtil.canCastFrom(
        type, value.getType(), org.apache.calcite.sql.type.SqlTypeCoercionRule.instance())) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              "column \""
                  + field.name()
                  + "\" is "
                  + field.type()
                  + ", the value is "
                  + Types.of(value.getType())
                  + ".")
          .mend("Give a value of that type, or CAST it.")
          .at(position);
    }
    return LocalZone.cast(rex, type, value);
  }

  /** For each column of the target the column of the rows, or -1. */
  private static int[] sources(Statement.Insert insert, CatalogObject target, int given) {
    Schema schema = target.schema();
    int[] sources = new int[schema.size()];
    Arrays.fill(sources, -1);
    int expected = insert.columns().isEmpty() ? schema.size() : insert.columns().size();
    if (given != expected) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "rows of "
                  + given
                  + " values for "
                  + expected
                  + " columns of "
                  + target.describe()
                  + ".")
          .mend("Give one value for each column.")
          .at(insert.table().position());
    }
    for (int i = 0; i < expected; i++) {
      int column = insert.columns().isEmpty() ? i : column(insert.columns().get(i), target);
      if (sources[column] >= 0) {
        Identifier twice = insert.columns().get(i);
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED, "column \"" + twice.name() + "\" is named twice.")
            .mend("Name each column once.")
            .at(twice.position());
      }
      sources[column] = i;
    }
    return sources;
  }

  static int column(Identifier name, CatalogObject target) {
    int column = target.schema().indexOf(name.name());
    if (column < 0) {
      List<String> names = target.schema().fields().stream().map(Field::name).toList();
      String suggestion = Suggestions.didYouMean(name.name(), names);
      throw new LaminarException(
              ErrorCode.COLUMN_NOT_FOUND,
              target.describe() + " has no column \"" + name.name() + "\".")
          .mend(
              suggestion != null ? suggestion : "Its columns are " + String.join(", ", names) + ".")
          .at(name.position());
    }
    return column;
  }

  /** Whether a value that is computed is NULL shows when it is there: who inserts looks. */
  static Schema nullable(Schema schema) {
    return new Schema(
        schema.fields().stream()
            .map(field -> new Field(field.name(), field.type(), true, field.hidden()))
            .toList(),
        false);
  }
}
