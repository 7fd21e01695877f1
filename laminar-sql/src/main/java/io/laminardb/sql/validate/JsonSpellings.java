package io.laminardb.sql.validate;

import static io.laminardb.sql.validate.CallSpellings.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlJsonConstructorNullClause;
import org.apache.calcite.sql.SqlJsonEmptyOrError;
import org.apache.calcite.sql.SqlJsonExistsErrorBehavior;
import org.apache.calcite.sql.SqlJsonQueryEmptyOrErrorBehavior;
import org.apache.calcite.sql.SqlJsonQueryWrapperBehavior;
import org.apache.calcite.sql.SqlJsonValueEmptyOrErrorBehavior;
import org.apache.calcite.sql.SqlJsonValueReturning;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * The JSON functions of the SQL standard with their clauses, and the arrows, as plain calls of
 * functions that have no clauses. What JSON_VALUE and JSON_QUERY do where they find nothing, or not
 * what they look for, becomes a CASE over the outcome of looking.
 */
final class JsonSpellings {
  /** Functions whose results are JSON, not texts, where they become part of JSON. */
  private static final Set<String> JSON =
      Set.of(
          "JSON_OBJECT",
          "JSON_ARRAY",
          "JSON_OBJECTAGG",
          "JSON_ARRAYAGG",
          "JSON_QUERY",
          "JSON_EXTRACT",
          "JSON_EXTRACT_PATH",
          "JSON_QUOTE",
          "JSON_STRING",
          "TO_JSON",
          "->");

  /** Functions that take a path too: they are of what it leads to. */
  private static final Set<String> OF_PATH =
      Set.of("JSON_TYPE", "JSON_ARRAY_LENGTH", "JSON_KEYS", "JSON_TYPEOF");

  // outcomes of JSON OUTCOME, see JsonPath
  private static final String EMPTY = "1";
  private static final String OBJECT = "3";
  private static final String ARRAY = "4";

  private JsonSpellings() {}

  /** The plain call, or null when {@code call} is no such spelling. */
  static SqlCall plain(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    SqlOperator operator = call.getOperator();
    String name = operator.getName().toUpperCase(Locale.ROOT);
    if (name.equals("->") || name.equals("->>")) {
      return function(
          name.equals("->") ? "JSON_EXTRACT" : "JSON_EXTRACT_STRING",
          position,
          call.operand(0),
          call.operand(1));
    }
    if (operator == SqlStdOperatorTable.JSON_VALUE && call.operandCount() > 2) {
      return value(call);
    }
    if (operator == SqlStdOperatorTable.JSON_QUERY) {
      return query(call);
    }
    if (operator == SqlStdOperatorTable.JSON_EXISTS && call.operandCount() > 2) {
      return exists(call);
    }
    if (operator == SqlStdOperatorTable.JSON_OBJECT) {
      return object(call);
    }
    if (operator == SqlStdOperatorTable.JSON_ARRAY) {
      return array(call);
    }
    if (OF_PATH.contains(name) && call.operandCount() == 2) {
      SqlNode found = function("JSON_EXTRACT", position, call.operand(0), call.operand(1));
      return function(name, position, found);
    }
    return isJson(call);
  }

  // ---- looking for a value

  private static SqlCall value(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    SqlNode json = call.operand(0);
    SqlNode path = call.operand(1);
    Clauses clauses = Clauses.ofValue(call);
    SqlNode text = function("JSON_VALUE", position, json, path);
    SqlNode value =
        clauses.type == null
            ? text
            : SqlLibraryOperators.TRY_CAST.createCall(position, text, clauses.type);
    if (clauses.onEmpty == null && clauses.onError == null) {
      return (SqlCall) value;
    }
    SqlNode notWanted =
        SqlStdOperatorTable.OR.createCall(
            position,
            SqlStdOperatorTable.GREATER_THAN.createCall(
                position, outcome(json, path, position), number(EMPTY, position)),
            SqlStdOperatorTable.IS_NOT_NULL.createCall(position, text));
    return choice(
        List.of(
            SqlStdOperatorTable.IS_NOT_NULL.createCall(position, value),
            isOutcome(json, path, EMPTY, position),
            notWanted),
        List.of(value, clauses.empty(json, path), clauses.error(json, path)),
        null,
        position);
  }

  private static SqlCall query(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    SqlNode json = call.operand(0);
    SqlNode path = call.operand(1);
    Clauses clauses = Clauses.ofQuery(call);
    SqlNode structure = function("JSON_QUERY", position, json, path);
    SqlNode wrapped =
        function(
            "CONCAT",
            position,
            text("[", position),
            function("JSON ANY", position, json, path),
            text("]", position));
    SqlNode any = function("JSON ANY", position, json, path);
    SqlNode wrappedOrNull =
        choice(
            List.of(SqlStdOperatorTable.IS_NOT_NULL.createCall(position, any)),
            List.of(wrapped),
            null,
            position);
    SqlCall value =
        switch (clauses.wrapper) {
          case WITHOUT_ARRAY -> (SqlCall) structure;
          case WITH_UNCONDITIONAL_ARRAY -> (SqlCall) wrappedOrNull;
          case WITH_CONDITIONAL_ARRAY ->
              SqlStdOperatorTable.COALESCE.createCall(position, structure, wrappedOrNull);
        };
    if (clauses.onEmpty == null && clauses.onError == null) {
      return value;
    }
    return choice(
        List.of(
            SqlStdOperatorTable.IS_NOT_NULL.createCall(position, value),
            isOutcome(json, path, EMPTY, position),
            SqlStdOperatorTable.IS_NOT_NULL.createCall(position, json)),
        List.of(value, clauses.empty(json, path), clauses.error(json, path)),
        null,
        position);
  }

  private static SqlCall exists(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    SqlNode json = call.operand(0);
    SqlNode path = call.operand(1);
    SqlNode otherwise =
        switch (((SqlLiteral) call.operand(2)).getValueAs(SqlJsonExistsErrorBehavior.class)) {
          case TRUE -> SqlLiteral.createBoolean(true, position);
          case FALSE -> SqlLiteral.createBoolean(false, position);
          case UNKNOWN -> SqlLiteral.createUnknown(position);
          case ERROR -> function("JSON FAILURE", position, json, path);
        };
    SqlNode isFailure =
        otherwise instanceof SqlCall
            ? SqlStdOperatorTable.IS_NOT_NULL.createCall(position, otherwise)
            : otherwise;
    SqlNode valid = function("JSON_VALID", position, json);
    return choice(
        List.of(valid, SqlStdOperatorTable.NOT.createCall(position, valid)),
        List.of(function("JSON_EXISTS", position, json, path), isFailure),
        null,
        position);
  }

  /** {@code text IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR]}. */
  private static SqlCall isJson(SqlCall call) {
    String name = call.getOperator().getName();
    if (!name.startsWith("IS JSON") && !name.startsWith("IS NOT JSON")) {
      return null;
    }
    SqlParserPos position = call.getParserPosition();
    SqlNode json = call.operand(0);
    SqlNode root = text("$", position);
    String kind = name.substring(name.lastIndexOf(' ') + 1);
    SqlCall is =
        switch (kind) {
          case "OBJECT" -> isOutcome(json, root, OBJECT, position);
          case "ARRAY" -> isOutcome(json, root, ARRAY, position);
          case "SCALAR" -> isOutcome(json, root, "0", position);
          default -> function("JSON_VALID", position, json);
        };
    return name.startsWith("IS NOT") ? SqlStdOperatorTable.NOT.createCall(position, is) : is;
  }

  private static SqlNode outcome(SqlNode json, SqlNode path, SqlParserPos position) {
    return function("JSON OUTCOME", position, json, path);
  }

  private static SqlCall isOutcome(
      SqlNode json, SqlNode path, String outcome, SqlParserPos position) {
    return SqlStdOperatorTable.EQUALS.createCall(
        position, outcome(json, path, position), number(outcome, position));
  }

  // ---- making JSON

  private static SqlCall object(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    boolean absent = isAbsent(call.operand(0), false);
    List<SqlNode> members = new ArrayList<>();
    members.add(text(",", position));
    for (int i = 1; i < call.operandCount(); i += 2) {
      members.add(
          SqlStdOperatorTable.CONCAT.createCall(
              position,
              SqlStdOperatorTable.CONCAT.createCall(
                  position, key(call.operand(i), position), text(":", position)),
              member(call.operand(i + 1), absent, position)));
    }
    return inside("{", members, "}", position);
  }

  private static SqlCall array(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    boolean absent = isAbsent(call.operand(0), true);
    List<SqlNode> items = new ArrayList<>();
    items.add(text(",", position));
    for (SqlNode item : call.getOperandList().subList(1, call.operandCount())) {
      items.add(member(item, absent, position));
    }
    return inside("[", items, "]", position);
  }

  private static SqlCall inside(
      String open, List<SqlNode> items, String close, SqlParserPos position) {
    return function(
        "CONCAT",
        position,
        text(open, position),
        function("CONCAT_WS", position, items.toArray(SqlNode[]::new)),
        text(close, position));
  }

  private static boolean isAbsent(SqlNode clause, boolean unsaid) {
    return clause instanceof SqlLiteral symbol
            && symbol.getValue() instanceof SqlJsonConstructorNullClause given
        ? given == SqlJsonConstructorNullClause.ABSENT_ON_NULL
        : unsaid;
  }

  /** A key in quotes; NULL fails. */
  private static SqlNode key(SqlNode key, SqlParserPos position) {
    SqlNode quoted =
        function(
            "TO_JSON",
            position,
            SqlStdOperatorTable.CAST.createCall(
                position,
                key,
                new SqlDataTypeSpec(
                    new SqlBasicTypeNameSpec(SqlTypeName.VARCHAR, position), position)));
    return key instanceof SqlLiteral literal && literal.getValue() != null
        ? quoted
        : SqlStdOperatorTable.COALESCE.createCall(
            position, quoted, function("JSON KEY FAILURE", position));
  }

  /** A value as JSON; NULL where it is left out. */
  private static SqlNode member(SqlNode value, boolean absent, SqlParserPos position) {
    boolean isJson =
        value instanceof SqlCall call
            && JSON.contains(call.getOperator().getName().toUpperCase(Locale.ROOT));
    SqlNode item = isJson ? value : function("TO_JSON", position, value);
    return absent
        ? item
        : SqlStdOperatorTable.COALESCE.createCall(position, item, text("null", position));
  }

  // ---- clauses

  /**
   * What a call says beside its arguments.
   *
   * @param type of the result, or null
   * @param onEmpty what to do where nothing is found; null for NULL
   * @param onError what to do where it is not what is wanted; null for NULL
   */
  private record Clauses(
      SqlJsonQueryWrapperBehavior wrapper,
      SqlDataTypeSpec type,
      Otherwise onEmpty,
      Otherwise onError) {
    static Clauses ofValue(SqlCall call) {
      SqlDataTypeSpec type = null;
      Otherwise onEmpty = null;
      Otherwise onError = null;
      Otherwise pending = null;
      List<SqlNode> operands = call.getOperandList();
      for (int i = 2; i < operands.size(); i++) {
        Object symbol = operands.get(i) instanceof SqlLiteral literal ? literal.getValue() : null;
        if (symbol == SqlJsonValueReturning.RETURNING) {
          type = (SqlDataTypeSpec) operands.get(++i);
        } else if (symbol instanceof SqlJsonValueEmptyOrErrorBehavior behaviour) {
          SqlNode value =
              behaviour == SqlJsonValueEmptyOrErrorBehavior.DEFAULT ? operands.get(++i) : null;
          pending =
              behaviour == SqlJsonValueEmptyOrErrorBehavior.NULL
                  ? null
                  : new Otherwise(
                      behaviour == SqlJsonValueEmptyOrErrorBehavior.ERROR,
                      value,
                      call.getParserPosition());
        } else if (symbol == SqlJsonEmptyOrError.EMPTY) {
          onEmpty = pending;
        } else if (symbol == SqlJsonEmptyOrError.ERROR) {
          onError = pending;
        }
      }
      return new Clauses(SqlJsonQueryWrapperBehavior.WITHOUT_ARRAY, type, onEmpty, onError);
    }

    static Clauses ofQuery(SqlCall call) {
      if (call.operandCount() > 5 && call.operand(5) != null) {
        throw Positions.notSupported(
            call,
            "JSON_QUERY with RETURNING is not supported.",
            "Cast its result: CAST(.. AS ..).");
      }
      return new Clauses(
          ((SqlLiteral) call.operand(2)).getValueAs(SqlJsonQueryWrapperBehavior.class),
          null,
          otherwise(call, call.operand(3)),
          otherwise(call, call.operand(4)));
    }

    private static Otherwise otherwise(SqlCall call, SqlNode clause) {
      SqlParserPos position = call.getParserPosition();
      return switch (((SqlLiteral) clause).getValueAs(SqlJsonQueryEmptyOrErrorBehavior.class)) {
        case ERROR -> new Otherwise(true, null, position);
        case NULL -> null;
        case EMPTY_ARRAY -> new Otherwise(false, text("[]", position), position);
        case EMPTY_OBJECT -> new Otherwise(false, text("{}", position), position);
      };
    }

    SqlNode empty(SqlNode json, SqlNode path) {
      return typed(onEmpty, json, path);
    }

    SqlNode error(SqlNode json, SqlNode path) {
      return typed(onError, json, path);
    }

    private SqlNode typed(Otherwise otherwise, SqlNode json, SqlNode path) {
      if (otherwise == null) {
        return SqlLiteral.createNull(json.getParserPosition());
      }
      SqlNode value =
          otherwise.fails
              ? function("JSON FAILURE", otherwise.position, json, path)
              : otherwise.value;
      return type == null
          ? value
          : SqlStdOperatorTable.CAST.createCall(otherwise.position, value, type);
    }
  }

  /** ERROR, or a value. */
  private record Otherwise(boolean fails, SqlNode value, SqlParserPos position) {}

  private static SqlCall choice(
      List<SqlNode> conditions, List<SqlNode> values, SqlNode otherwise, SqlParserPos position) {
    return new SqlCase(
        position,
        null,
        new SqlNodeList(conditions, position),
        new SqlNodeList(values, position),
        otherwise == null ? SqlLiteral.createNull(position) : otherwise);
  }

  private static SqlNode text(String text, SqlParserPos position) {
    return SqlLiteral.createCharString(text, position);
  }

  private static SqlNode number(String number, SqlParserPos position) {
    return SqlLiteral.createExactNumeric(number, position);
  }
}
