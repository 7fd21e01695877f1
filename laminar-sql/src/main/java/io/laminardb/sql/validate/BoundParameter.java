package io.laminardb.sql.validate;

import java.math.BigDecimal;
import org.apache.calcite.avatica.util.ByteString;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.NlsString;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/** A question mark whose value is put in when the query has been planned: a call without arguments. */
public final class BoundParameter extends OwnOperator {
  private final int index;
  private final RelDataType type;

  BoundParameter(int index, RelDataType type) {
    super("$PARAMETER" + index, ReturnTypes.explicit(type));
    this.index = index;
    this.type = type;
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    return true;
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.of(0);
  }

  /** The literal that stands for it once the statement has values. */
  public RexNode literal(Object[] values, RexBuilder rex) {
    SqlNode written = Parameters.literal(values[index], index, SqlParserPos.ZERO);
    boolean negative = !(written instanceof SqlLiteral);
    SqlLiteral literal =
        (SqlLiteral) (negative ? ((org.apache.calcite.sql.SqlCall) written).operand(0) : written);
    return switch (type.getSqlTypeName()) {
      case BOOLEAN -> rex.makeLiteral(literal.booleanValue());
      case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL ->
          rex.makeExactLiteral(number(literal, negative), type);
      case DOUBLE -> rex.makeApproxLiteral(number(literal, negative), type);
      case VARCHAR -> rex.makeCharLiteral(literal.getValueAs(NlsString.class));
      case VARBINARY, BINARY -> rex.makeBinaryLiteral(new ByteString((byte[]) values[index]));
      case DATE -> rex.makeDateLiteral(literal.getValueAs(DateString.class));
      case TIME -> rex.makeTimeLiteral(literal.getValueAs(TimeString.class), type.getPrecision());
      case TIMESTAMP ->
          rex.makeTimestampLiteral(literal.getValueAs(TimestampString.class), type.getPrecision());
      default -> throw new IllegalStateException("a parameter of type " + type);
    };
  }

  private static BigDecimal number(SqlLiteral literal, boolean negative) {
    BigDecimal value = literal.getValueAs(BigDecimal.class);
    return negative ? value.negate() : value;
  }

  /** The type of the literal that a value would be; a text has no length. */
  static RelDataType typeOf(Object value, int index) {
    SqlNode written = Parameters.literal(value, index, SqlParserPos.ZERO);
    SqlLiteral literal =
        (SqlLiteral)
            (written instanceof SqlLiteral
                ? written
                : ((org.apache.calcite.sql.SqlCall) written).operand(0));
    RelDataType type = literal.createSqlType(Types.factory());
    return type.getSqlTypeName() == SqlTypeName.CHAR
        ? Types.toRel(Types.factory(), io.laminardb.core.batch.DataType.VARCHAR, false)
        : type;
  }
}
