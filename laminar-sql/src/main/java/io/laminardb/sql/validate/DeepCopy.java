package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/** A deep copy, all of it at one place. */
public final class DeepCopy extends SqlShuttle {
  private final SqlParserPos position;

  public DeepCopy(SqlParserPos position) {
    this.position = position;
  }

  @Override
  public SqlNode visit(SqlLiteral literal) {
    return literal.clone(position);
  }

  @Override
  public SqlNode visit(SqlIdentifier name) {
    return name.isStar() ? name : name.clone(position);
  }

  @Override
  public SqlNode visit(SqlDataTypeSpec type) {
    return type.clone(position);
  }

  @Override
  public SqlNode visit(SqlDynamicParam parameter) {
    return parameter.clone(position);
  }

  @Override
  public SqlNode visit(SqlIntervalQualifier interval) {
    return interval.clone(position);
  }

  @Override
  public SqlNode visit(SqlNodeList list) {
    List<SqlNode> copies = new ArrayList<>();
    for (SqlNode node : list) {
      copies.add(node == null ? null : node.accept(this));
    }
    return new SqlNodeList(copies, position);
  }

  @Override
  public SqlNode visit(SqlCall call) {
    CallCopyingArgHandler copying = new CallCopyingArgHandler(call, true);
    call.getOperator().acceptCall(this, call, false, copying);
    return copying.result().clone(position);
  }
}
