package io.laminardb.sql.validate;

import io.laminardb.core.operator.scalar.UserTableFunction;
import io.laminardb.sql.function.UserFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Table functions in FROM, {@code [LATERAL] TABLE(f(x)) AS u(a, b)} or {@code f(x) AS u}, are UNNEST of
 * a function that gives an ARRAY: {@code UNNEST(f(x)) AS u(a, b)}; those WITH ORDINALITY come as such.
 * Windows, which are written alike, stay as they are.
 */
final class TableFunctionCalls extends SqlShuttle {
  /** The functions that give the rows of table functions of the dialect. */
  private static final Map<String, String> BUILT_IN =
      Map.ofEntries(
          Map.entry("GENERATE_SERIES", "GENERATE_SERIES"),
          Map.entry("SEQUENCE", "SEQUENCE"),
          Map.entry("RANGE", "RANGE"),
          Map.entry("REGEXP_SPLIT_TO_TABLE", "REGEXP_SPLIT_TO_ARRAY"),
          Map.entry("STRING_TO_TABLE", "STRING_TO_ARRAY"),
          Map.entry("JSON_EACH", "JSON_EACH"),
          Map.entry("JSON_EACH_TEXT", "JSON_EACH_TEXT"),
          Map.entry("JSON_ARRAY_ELEMENTS", "JSON_ARRAY_ELEMENTS"),
          Map.entry("JSON_ARRAY_ELEMENTS_TEXT", "JSON_ARRAY_ELEMENTS_TEXT"),
          Map.entry("JSON_OBJECT_KEYS", "JSON_KEYS"));

  /** Those whose rows have columns of their own; the only column of others is called as they are. */
  private static final Set<String> ROWS = Set.of("JSON_EACH", "JSON_EACH_TEXT");

  private static final String ORDINALITY = "ordinality"; // the column that counts rows from 1

  private final UserFunctions users; // null where a user has registered none

  TableFunctionCalls(UserFunctions users) {
    this.users = users;
  }

  /** The names of all table functions a query may call, for errors. */
  static List<String> names() {
    return BUILT_IN.keySet().stream().sorted().toList();
  }

  @Override
  public SqlNode visit(SqlCall call) {
    if (call.getKind() == SqlKind.AS) {
      SqlCall function = tableFunction(call.operand(0));
      if (function != null) {
        List<SqlNode> operands = new ArrayList<>(call.getOperandList());
        boolean numbered = isNumbered(call.operand(0));
        operands.set(0, unnest(function, numbered));
        UserTableFunction own = user(function);
        if (operands.size() == 2 && own != null && own.columns().size() == 1) {
          operands.add(
              new SqlIdentifier(own.columns().get(0).name(), function.getParserPosition()));
        } else if (operands.size() == 2 && numbered && column(function) != null) {
          operands.add(operands.get(1)); // the only column is called as the alias
        }
        if (numbered && operands.size() == 3 && call.operandCount() == 2) {
          operands.add(new SqlIdentifier(ORDINALITY, function.getParserPosition()));
        }
        return call.getOperator().createCall(call.getParserPosition(), operands);
      }
    }
    SqlCall function = tableFunction(call);
    if (function != null) {
      SqlParserPos position = function.getParserPosition();
      List<SqlNode> operands = new ArrayList<>();
      boolean numbered = isNumbered(call);
      operands.add(unnest(function, numbered));
      operands.add(new SqlIdentifier(name(function).toLowerCase(Locale.ROOT), position));
      String column = column(function);
      if (column != null) {
        operands.add(new SqlIdentifier(column, position));
        if (numbered) {
          operands.add(new SqlIdentifier(ORDINALITY, position));
        }
      }
      return SqlStdOperatorTable.AS.createCall(position, operands);
    }
    return super.visit(call);
  }

  /** The call of a table function, other than a window, that a relation is; or null. */
  private SqlCall tableFunction(SqlNode relation) {
    SqlNode table = relation;
    if (table.getKind() == SqlKind.LATERAL) {
      table = ((SqlCall) table).operand(0);
    }
    return (table.getKind() == SqlKind.COLLECTION_TABLE || isNumbered(table))
            && ((SqlCall) table).operandCount() == 1
            && ((SqlCall) table).operand(0) instanceof SqlCall function
            && (BUILT_IN.containsKey(name(function)) || user(function) != null)
        ? function
        : null;
  }

  /** Whether it is UNNEST(..) WITH ORDINALITY. */
  private static boolean isNumbered(SqlNode relation) {
    return relation instanceof SqlCall call
        && call.getOperator() == SqlStdOperatorTable.UNNEST_WITH_ORDINALITY;
  }

  private static String name(SqlCall function) {
    return function.getOperator().getName().toUpperCase(Locale.ROOT);
  }

  private UserTableFunction user(SqlCall function) {
    return users == null ? null : users.table(name(function));
  }

  /** What the only column is called; null where there are several. */
  private String column(SqlCall function) {
    String name = name(function);
    if (BUILT_IN.containsKey(name)) {
      return ROWS.contains(name)
          ? null
          : name.startsWith("JSON_ARRAY") ? "value" : name.toLowerCase(Locale.ROOT);
    }
    List<UserTableFunction.Column> columns = user(function).columns();
    return columns.size() == 1 ? columns.get(0).name() : null;
  }

  private SqlNode unnest(SqlCall function, boolean numbered) {
    SqlOperator unnest =
        numbered ? SqlStdOperatorTable.UNNEST_WITH_ORDINALITY : SqlStdOperatorTable.UNNEST;
    return unnest.createCall(function.getParserPosition(), array(function));
  }

  private SqlCall array(SqlCall function) {
    String name = name(function);
    SqlParserPos position = function.getParserPosition();
    SqlUnresolvedFunction operator =
        new SqlUnresolvedFunction(
            new SqlIdentifier(BUILT_IN.getOrDefault(name, name), position),
            null,
            null,
            null,
            null,
            SqlFunctionCategory.USER_DEFINED_FUNCTION);
    List<SqlNode> operands = new ArrayList<>();
    function.getOperandList().forEach(operand -> operands.add(operand.accept(this)));
    return new SqlBasicCall(operator, operands, position);
  }
}
