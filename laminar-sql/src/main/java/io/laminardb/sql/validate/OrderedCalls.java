package io.laminardb.sql.validate;

import io.laminardb.core.operator.aggregate.OrderedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJsonConstructorNullClause;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.fun.SqlJsonArrayAggAggFunction;
import org.apache.calcite.sql.fun.SqlJsonObjectAggAggFunction;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * Aggregate calls with an order, {@code f(x ORDER BY y)} and {@code f(x) WITHIN GROUP (ORDER BY y)},
 * as plain calls: the keys become arguments, so that whatever handles calls handles these. Also other
 * names of aggregates.
 */
final class OrderedCalls {
  private static final Map<String, String> COLLECTING =
      Map.of("STRING_AGG", "STRING_AGG", "LISTAGG", "STRING_AGG", "GROUP_CONCAT", "STRING_AGG");

  private static final String MEND = "Leave ORDER BY out: the result does not depend on an order.";

  private OrderedCalls() {}

  /** The name of an aggregate with the flags and keys of its order behind its own arguments. */
  static String hidden(String name) {
    return name + " BY ORDER";
  }

  /** Whether {@code call} is an aggregate with WITHIN GROUP. */
  static boolean isWithinGroup(SqlCall call) {
    return call.getKind() == SqlKind.WITHIN_GROUP;
  }

  /** The plain call of an aggregate call, or the call itself. */
  static SqlCall plain(SqlCall call) {
    if (isWithinGroup(call)) {
      SqlCall function = call.operand(0);
      return plain(
          function, WindowCalls.name(function), function.getOperandList(), call.operand(1), true);
    }
    String name = WindowCalls.name(call);
    List<SqlNode> operands = call.getOperandList().stream().filter(Objects::nonNull).toList();
    boolean ordered =
        !operands.isEmpty() && operands.get(operands.size() - 1) instanceof SqlNodeList;
    return ordered
        ? plain(
            call,
            name,
            operands.subList(0, operands.size() - 1),
            (SqlNodeList) operands.get(operands.size() - 1),
            false)
        : plain(call, name, operands, SqlNodeList.EMPTY, false);
  }

  private static SqlCall plain(
      SqlCall call, String name, List<SqlNode> arguments, SqlNodeList order, boolean within) {
    SqlParserPos position = call.getParserPosition();
    switch (name) {
      case "STRING_AGG", "LISTAGG", "GROUP_CONCAT" -> {
        return texts(call, arguments, order);
      }
      case "ARRAY_AGG", "LIST", "MAP_AGG" -> {
        String kind = name.equals("LIST") ? "ARRAY_AGG" : name;
        return order.isEmpty()
            ? renamed(call, kind, arguments)
            : renamed(call, hidden(kind), withOrder(arguments, order, position));
      }
      case "JSON_ARRAYAGG", "JSON_OBJECTAGG" -> {
        return json(call, name, arguments, order);
      }
      case "PERCENTILE_CONT", "PERCENTILE_DISC" -> {
        return percentile(call, name, arguments, order, within);
      }
      case "MEDIAN" -> {
        refuseOrder(call, name, order);
        return renamed(call, "QUANTILE_CONT", withHalf(arguments, position));
      }
      case "QUANTILE" -> {
        refuseOrder(call, name, order);
        return renamed(call, "QUANTILE_DISC", arguments);
      }
      case "APPROX_PERCENTILE" -> {
        refuseOrder(call, name, order);
        return renamed(call, "APPROX_QUANTILE", arguments);
      }
      case "MODE" -> {
        if (within && arguments.isEmpty() && order.size() == 1) {
          return renamed(call, "MODE", ranked(List.of(), order.get(0), position));
        }
        refuseOrder(call, name, order);
        return call;
      }
      case "FIRST", "FIRST_VALUE", "LAST", "LAST_VALUE" -> {
        if (order.isEmpty()) {
          return call;
        }
        return renamed(
            call,
            hidden(name.startsWith("FIRST") ? "FIRST" : "LAST"),
            withOrder(arguments.subList(0, 1), order, position));
      }
      default -> {
        refuseOrder(call, name, order);
        return call;
      }
    }
  }

  private static SqlCall texts(SqlCall call, List<SqlNode> arguments, SqlNodeList order) {
    SqlParserPos position = call.getParserPosition();
    List<SqlNode> operands = new ArrayList<>(arguments);
    if (operands.size() == 1) {
      operands.add(SqlLiteral.createCharString(",", position));
    }
    String name = COLLECTING.get(WindowCalls.name(call));
    return order.isEmpty()
        ? renamed(call, name, operands)
        : renamed(call, hidden(name), withOrder(operands, order, position));
  }

  /** The arguments, and whether NULLs are left out. */
  private static SqlCall json(
      SqlCall call, String name, List<SqlNode> arguments, SqlNodeList order) {
    SqlParserPos position = call.getParserPosition();
    boolean absent =
        call.getOperator() instanceof SqlJsonArrayAggAggFunction array
            ? array.getNullClause() == SqlJsonConstructorNullClause.ABSENT_ON_NULL
            : call.getOperator() instanceof SqlJsonObjectAggAggFunction object
                && object.getNullClause() == SqlJsonConstructorNullClause.ABSENT_ON_NULL;
    List<SqlNode> operands = new ArrayList<>(arguments);
    operands.add(SqlLiteral.createBoolean(absent, position));
    return renamed(
        call, hidden(name), order.isEmpty() ? operands : withOrder(operands, order, position));
  }

  /** {@code PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x)} is {@code QUANTILE_CONT(x, 0.5)}. */
  private static SqlCall percentile(
      SqlCall call, String name, List<SqlNode> arguments, SqlNodeList order, boolean within) {
    if (!within || arguments.size() != 1 || order.size() != 1) {
      throw Positions.notSupported(
          call,
          name + " takes a fraction, and one value in WITHIN GROUP.",
          "Write " + name + "(0.5) WITHIN GROUP (ORDER BY x).");
    }
    return renamed(
        call,
        name.replace("PERCENTILE", "QUANTILE"),
        ranked(arguments, order.get(0), call.getParserPosition()));
  }

  private static List<SqlNode> withHalf(List<SqlNode> arguments, SqlParserPos position) {
    List<SqlNode> operands = new ArrayList<>(arguments);
    operands.add(SqlLiteral.createExactNumeric("0.5", position));
    return operands;
  }

  /** The value, other arguments, and TRUE where the greatest value comes first. */
  private static List<SqlNode> ranked(List<SqlNode> arguments, SqlNode key, SqlParserPos position) {
    Key parsed = key(key);
    List<SqlNode> operands = new ArrayList<>();
    operands.add(parsed.value);
    operands.addAll(arguments);
    operands.add(SqlLiteral.createBoolean((parsed.flags & OrderedEntry.DESCENDING) != 0, position));
    return operands;
  }

  private static List<SqlNode> withOrder(
      List<SqlNode> arguments, SqlNodeList order, SqlParserPos position) {
    List<SqlNode> operands = new ArrayList<>(arguments);
    StringBuilder flags = new StringBuilder();
    List<SqlNode> keys = new ArrayList<>();
    for (SqlNode item : order) {
      Key key = key(item);
      flags.append(key.flags);
      keys.add(key.value);
    }
    operands.add(SqlLiteral.createCharString(flags.toString(), position));
    operands.addAll(keys);
    return operands;
  }

  /** A key without DESC and NULLS FIRST, and those as flags of an {@link OrderedEntry}. */
  private record Key(SqlNode value, int flags) {
    Key with(int flag) {
      return new Key(value, flags | flag);
    }
  }

  private static Key key(SqlNode node) {
    return switch (node.getKind()) {
      case DESCENDING -> key(((SqlCall) node).operand(0)).with(OrderedEntry.DESCENDING);
      case NULLS_FIRST -> key(((SqlCall) node).operand(0)).with(OrderedEntry.NULLS_FIRST);
      case NULLS_LAST -> key(((SqlCall) node).operand(0));
      default -> new Key(node, 0);
    };
  }

  private static void refuseOrder(SqlCall call, String name, SqlNodeList order) {
    if (!order.isEmpty()) {
      throw Positions.notSupported(call, "ORDER BY in " + name + " is not supported.", MEND);
    }
  }

  private static SqlCall renamed(SqlCall call, String name, List<SqlNode> operands) {
    SqlParserPos position = call.getParserPosition();
    return new SqlBasicCall(
        new SqlUnresolvedFunction(
            new SqlIdentifier(name, position),
            null,
            null,
            null,
            null,
            SqlFunctionCategory.USER_DEFINED_FUNCTION),
        operands,
        position,
        call.getFunctionQuantifier());
  }
}
