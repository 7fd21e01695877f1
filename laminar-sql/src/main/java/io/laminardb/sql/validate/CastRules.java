package io.laminardb.sql.validate;

import com.google.common.collect.ImmutableSet;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeCoercionRule;
import org.apache.calcite.sql.type.SqlTypeMappingRule;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql2rel.SqlRexContext;
import org.apache.calcite.sql2rel.StandardConvertletTable;

/** Which types CAST takes to which: exactly those that can be executed. */
final class CastRules {
  static final SqlTypeMappingRule INSTANCE = SqlTypeCoercionRule.instance(rules());

  private CastRules() {}

  static boolean isCast(SqlCall call) {
    return (call.getKind() == SqlKind.CAST || call.getKind() == SqlKind.SAFE_CAST)
        && call.operand(1) instanceof SqlDataTypeSpec;
  }

  /** The type of a cast to or from a nested type that can be executed; null for another cast. */
  static RelDataType nested(RelDataType from, SqlCall call, SqlValidator validator) {
    RelDataType to = ((SqlDataTypeSpec) call.operand(1)).deriveType(validator);
    boolean between =
        isNested(from) && SqlTypeUtil.isCharacter(to)
            || SqlTypeUtil.isCharacter(from) && isNested(to)
            || isNested(to) && SqlTypeUtil.canCastFrom(to, from, INSTANCE);
    return between
        ? validator
            .getTypeFactory()
            .createTypeWithNullability(to, from.isNullable() || call.getKind() == SqlKind.SAFE_CAST)
        : null;
  }

  private static boolean isNested(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case ARRAY, MAP, ROW -> true;
      default -> false;
    };
  }

  /** The cast as it stands: Calcite's way would compute those of literals, and fail there and then. */
  static RexNode convert(SqlRexContext context, SqlCall call) {
    if (!(call.operand(1) instanceof SqlDataTypeSpec spec)) {
      return StandardConvertletTable.INSTANCE.get(call).convertCall(context, call);
    }
    RexNode value = context.convertExpression(call.operand(0));
    RelDataType type = spec.deriveType(context.getValidator());
    boolean plain =
        value.getType().getSqlTypeName() == SqlTypeName.NULL
            || SqlTypeUtil.isInterval(value.getType())
            || SqlTypeUtil.isInterval(type);
    if (plain) {
      return StandardConvertletTable.INSTANCE.get(call).convertCall(context, call);
    }
    boolean safe = call.getKind() == SqlKind.SAFE_CAST;
    if (!safe && value instanceof RexLiteral literal && holds(type, literal)) {
      return context.getRexBuilder().makeCast(type, literal);
    }
    RelDataType target =
        context
            .getTypeFactory()
            .createTypeWithNullability(type, safe || value.getType().isNullable());
    if (safe && isTooLargeForReal(value, type)) {
      return context.getRexBuilder().makeNullLiteral(target);
    }
    return value.getType().equals(target)
        ? value
        : context.getRexBuilder().makeAbstractCast(call.getParserPosition(), target, value, safe);
  }

  /** Whether a type takes a literal as it is, so that the cast of it is a literal too. */
  private static boolean holds(RelDataType type, RexLiteral literal) {
    SqlTypeName to = type.getSqlTypeName();
    if (literal.isNull()) {
      return false;
    }
    if (SqlTypeUtil.isDate(literal.getType())) {
      return to == SqlTypeName.TIMESTAMP;
    }
    if (SqlTypeUtil.isCharacter(literal.getType())) {
      return SqlTypeName.CHAR_TYPES.contains(to);
    }
    if (!SqlTypeUtil.isExactNumeric(literal.getType())) {
      return false;
    }
    BigDecimal number = literal.getValueAs(BigDecimal.class).stripTrailingZeros();
    return switch (to) {
      case TINYINT -> fits(number, Byte.SIZE);
      case SMALLINT -> fits(number, Short.SIZE);
      case INTEGER -> fits(number, Integer.SIZE);
      case BIGINT -> fits(number, Long.SIZE);
      case DECIMAL ->
          number.scale() <= type.getScale()
              && number.precision() - number.scale() <= type.getPrecision() - type.getScale();
      case DOUBLE -> true;
      default -> false;
    };
  }

  private static boolean fits(BigDecimal number, int bits) {
    return number.scale() <= 0 && number.toBigInteger().bitLength() < bits;
  }

  /** Calcite takes every floating point literal for one of every floating point type. */
  private static boolean isTooLargeForReal(RexNode value, RelDataType type) {
    return type.getSqlTypeName() == SqlTypeName.REAL
        && value instanceof RexLiteral literal
        && SqlTypeUtil.isNumeric(literal.getType())
        && Float.isInfinite(literal.getValueAs(BigDecimal.class).floatValue());
  }

  private static Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules() {
    Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules =
        new HashMap<>(SqlTypeCoercionRule.lenientInstance().getTypeMapping());
    Set<SqlTypeName> texts = EnumSet.of(SqlTypeName.CHAR, SqlTypeName.VARCHAR);
    Set<SqlTypeName> binaries = EnumSet.of(SqlTypeName.BINARY, SqlTypeName.VARBINARY);
    Set<SqlTypeName> timestamps =
        EnumSet.of(SqlTypeName.TIMESTAMP, SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE);
    Set<SqlTypeName> integers = EnumSet.copyOf(SqlTypeName.INT_TYPES);
    Set<SqlTypeName> numbers = EnumSet.copyOf(SqlTypeName.NUMERIC_TYPES);
    Set<SqlTypeName> intervals = EnumSet.copyOf(SqlTypeName.INTERVAL_TYPES);
    Set<SqlTypeName> numeric = union(numbers, texts, Set.of(SqlTypeName.BOOLEAN));
    put(rules, Set.of(SqlTypeName.BOOLEAN), numeric);
    put(rules, numbers, numeric);
    put(rules, integers, union(numeric, intervals));
    put(rules, Set.of(SqlTypeName.BIGINT), union(numeric, intervals, timestamps));
    Set<SqlTypeName> days = union(timestamps, texts, Set.of(SqlTypeName.DATE));
    put(rules, Set.of(SqlTypeName.DATE), days);
    put(rules, Set.of(SqlTypeName.TIME), union(timestamps, texts, Set.of(SqlTypeName.TIME)));
    put(rules, timestamps, union(days, integers));
    put(
        rules,
        texts,
        union(numeric, days, binaries, Set.of(SqlTypeName.TIME), Set.of(SqlTypeName.SYMBOL)));
    put(rules, binaries, union(binaries, texts));
    for (SqlTypeName nested : List.of(SqlTypeName.ARRAY, SqlTypeName.MAP, SqlTypeName.ROW)) {
      put(rules, Set.of(nested), union(texts, Set.of(nested)));
      put(rules, texts, union(rules.get(SqlTypeName.VARCHAR), Set.of(nested)));
    }
    return rules;
  }

  private static void put(
      Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules,
      Set<SqlTypeName> targets,
      Set<SqlTypeName> sources) {
    targets.forEach(target -> rules.put(target, ImmutableSet.copyOf(sources)));
  }

  @SafeVarargs
  private static Set<SqlTypeName> union(Set<SqlTypeName>... sets) {
    Set<SqlTypeName> all = EnumSet.noneOf(SqlTypeName.class);
    for (Set<SqlTypeName> set : sets) {
      all.addAll(set);
    }
    return all;
  }
}
