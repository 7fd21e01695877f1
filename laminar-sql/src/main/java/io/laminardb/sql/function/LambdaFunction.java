package io.laminardb.sql.function;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.util.SqlShuttle;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;

/**
 * A function of an ARRAY and a lambda. The operands of a call are the array; as {@link
 * LambdaParameter}s, for REDUCE the result so far, then the element and its place from 1; the body; and
 * for REDUCE the initial value, if there is one.
 */
public final class LambdaFunction extends SqlFunction {
  /** What a function does with the body. */
  public enum Action {
    /** An ARRAY of the bodies. */
    TRANSFORM,
    /** The elements for which the body is TRUE. */
    FILTER,
    /** The body of the result so far and the next element. */
    REDUCE,
    /** Whether the body is TRUE of an element. */
    ANY,
    /** Whether it is TRUE of all. */
    ALL,
    /** Whether it is TRUE of none. */
    NONE
  }

  private static final Map<String, Action> NAMES = new LinkedHashMap<>();

  static {
    for (String kind : List.of("LIST_", "ARRAY_")) {
      NAMES.put(kind + "TRANSFORM", Action.TRANSFORM);
      NAMES.put(kind + "APPLY", Action.TRANSFORM);
      NAMES.put(kind + "FILTER", Action.FILTER);
      NAMES.put(kind + "REDUCE", Action.REDUCE);
    }
    NAMES.put("ANY_MATCH", Action.ANY);
    NAMES.put("ALL_MATCH", Action.ALL);
    NAMES.put("NONE_MATCH", Action.NONE);
  }

  private static final int MOST_WIDENINGS = 3;

  private final Action action;

  private LambdaFunction(String name, Action action) {
    super(
        name,
        SqlKind.OTHER_FUNCTION,
        call -> null,
        null,
        OperandTypes.variadic(SqlOperandCountRanges.from(2)),
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.action = action;
  }

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    NAMES.forEach((name, action) -> all.add(new LambdaFunction(name, action)));
    return all;
  }

  /** The function of a name, or null. */
  public static LambdaFunction named(String name) {
    Action action = NAMES.get(name.toUpperCase(Locale.ROOT));
    return action == null ? null : new LambdaFunction(name.toUpperCase(Locale.ROOT), action);
  }

  public Action action() {
    return action;
  }

  /** Parameters that a lambda must have; it may have one more, the place. */
  public int parameters() {
    return action == Action.REDUCE ? 2 : 1;
  }

  /** The index of the body among the operands. */
  public int body() {
    return parameters() + 2;
  }

  @Override
  public void validateCall(
      SqlCall call,
      SqlValidator validator,
      SqlValidatorScope scope,
      SqlValidatorScope operandScope) {
    validator.deriveType(scope, call); // before parameters are asked for their types
    super.validateCall(call, validator, scope, operandScope);
  }

  @Override
  public RelDataType deriveType(SqlValidator validator, SqlValidatorScope scope, SqlCall call) {
    RelDataTypeFactory types = validator.getTypeFactory();
    RelDataType array = validator.deriveType(scope, call.operand(0));
    if (array.getSqlTypeName() != SqlTypeName.ARRAY) {
      throw error(
          call.operand(0),
          getName() + " takes an ARRAY and a lambda, not " + array + ".",
          "Write " + getName() + "(array, x -> ..).");
    }
    RelDataType element = types.createTypeWithNullability(array.getComponentType(), true);
    parameter(call, body() - 1).type(types.createSqlType(SqlTypeName.BIGINT));
    parameter(call, body() - 2).type(element);
    RelDataType result =
        action == Action.REDUCE
            ? reduced(validator, scope, call, element)
            : result(
                call.operand(body()),
                validator.deriveType(scope, call.operand(body())),
                array,
                types);
    boolean nullable = array.isNullable() || action.compareTo(Action.FILTER) > 0;
    RelDataType type = types.createTypeWithNullability(result, nullable);
    validator.setValidatedNodeType(call, type);
    return type;
  }

  private RelDataType result(
      SqlNode node, RelDataType body, RelDataType array, RelDataTypeFactory types) {
    if (action == Action.TRANSFORM) {
      return types.createArrayType(types.createTypeWithNullability(body, true), -1);
    }
    if (body.getSqlTypeName() != SqlTypeName.BOOLEAN) {
      throw error(
          node,
          "the lambda of " + getName() + " gives a value of type " + body + ".",
          "Give it a condition, such as x -> x > 0.");
    }
    return action == Action.FILTER ? array : types.createSqlType(SqlTypeName.BOOLEAN);
  }

  /** The type that holds the elements, the initial value and what the body makes of them. */
  private RelDataType reduced(
      SqlValidator validator, SqlValidatorScope scope, SqlCall call, RelDataType element) {
    int body = body();
    LambdaParameter result = parameter(call, 1);
    RelDataTypeFactory types = validator.getTypeFactory();
    RelDataType type =
        wide(
            types,
            call.operandCount() > body + 1
                ? validator.deriveType(scope, call.operand(body + 1))
                : element);
    for (int i = 0; i < MOST_WIDENINGS; i++) {
      result.type(type);
      RelDataType made = validator.deriveType(scope, copy(call.operand(body)));
      RelDataType wider = common(call, types, type, made);
      if (wider.equals(type)) {
        validator.deriveType(scope, call.operand(body));
        return type;
      }
      type = wider;
    }
    throw error(
        call,
        "the type of " + getName() + " grows with each element, beyond " + type + ".",
        "Cast what the lambda gives: CAST(.. AS DOUBLE).");
  }

  private static LaminarException error(SqlNode node, String problem, String mend) {
    SqlParserPos place = node.getParserPosition();
    return new LaminarException(ErrorCode.TYPE_MISMATCH, problem)
        .at(
            new SourcePosition(
                place.getLineNum(),
                place.getColumnNum(),
                place.getEndLineNum(),
                place.getEndColumnNum()))
        .mend(mend);
  }

  private RelDataType common(
      SqlCall call, RelDataTypeFactory types, RelDataType left, RelDataType right) {
    RelDataType common = types.leastRestrictive(List.of(left, right));
    if (common == null) {
      throw error(
          call,
          "the lambda of "
              + getName()
              + " gives a "
              + right
              + ", which begins with a "
              + left
              + ".",
          "Cast what it gives, or give an initial value of that type.");
    }
    return wide(types, common);
  }

  /** The type with room for what a lambda makes of it again and again. */
  private static RelDataType wide(RelDataTypeFactory types, RelDataType type) {
    RelDataType wide =
        switch (type.getSqlTypeName()) {
          case CHAR, VARCHAR -> types.createSqlType(SqlTypeName.VARCHAR);
          case DECIMAL ->
              types.createSqlType(
                  SqlTypeName.DECIMAL,
                  types.getTypeSystem().getMaxPrecision(SqlTypeName.DECIMAL),
                  type.getScale());
          default -> type;
        };
    return types.createTypeWithNullability(wide, true);
  }

  /** A copy whose type the validator does not know yet. */
  private static SqlNode copy(SqlNode node) {
    return node.accept(
        new SqlShuttle() {
          @Override
          public SqlNode visit(SqlCall call) {
            CallCopyingArgHandler copy = new CallCopyingArgHandler(call, true);
            call.getOperator().acceptCall(this, call, false, copy);
            return copy.result();
          }
        });
  }

  private static LambdaParameter parameter(SqlCall call, int index) {
    return (LambdaParameter) ((SqlCall) call.operand(index)).getOperator();
  }
}
