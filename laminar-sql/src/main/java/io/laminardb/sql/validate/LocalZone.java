package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.scalar.TimeUnit;
import io.laminardb.sql.function.Functions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.calcite.rel.RelHomogeneousShuttle;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.util.TimestampString;

/**
 * The time zone that SET TIME ZONE has chosen, in the expressions of a query: where a TIMESTAMP WITH
 * LOCAL TIME ZONE meets a clock time, TIMEZONE is called with the zone written out. So a query keeps
 * the zone it was planned with, and nothing behind planning knows of it. What is rewritten once stays
 * the same when it is rewritten again.
 */
public final class LocalZone extends RexShuttle {
  /** Functions of what clocks show. */
  private static final Set<String> OF_CLOCK_TIME =
      Set.of(
          ("EXTRACT DATE_PART DATEPART YEAR QUARTER MONTH WEEK DAYOFYEAR DAYOFMONTH DAYOFWEEK HOUR"
                  + " MINUTE SECOND DAY WEEKOFYEAR ISOYEAR ISODOW DECADE CENTURY MILLENNIUM MILLISECOND"
                  + " MICROSECOND NANOSECOND LAST_DAY DAYNAME MONTHNAME TO_CHAR"
                  + " DATE_FORMAT STRFTIME WEEKDAY DATEDIFF DATE_DIFF")
              .split(" "));

  /** Functions whose result is one of their arguments, as the type of the result. */
  private static final Set<String> CHOICES =
      Set.of(
          "CASE", "COALESCE", "GREATEST", "LEAST", "IF", "IIF", "IFNULL", "NVL", "NVL2", "DECODE");

  private static final Set<String> CUTS = Set.of("DATE_TRUNC", "DATETRUNC", "FLOOR", "CEIL");

  private static final Set<String> TEXTS = Set.of("CONCAT", "CONCAT_WS", "FORMAT", "PRINTF");

  private static final int DATE_PRECISION = 3;

  /** A builder of expressions that knows the zone. */
  private static final class Builder extends RexBuilder {
    private final String zone;

    Builder(RelDataTypeFactory types, String zone) {
      super(types);
      this.zone = zone;
    }
  }

  private final Builder rex;

  private LocalZone(Builder rex) {
    this.rex = rex;
  }

  /**
   * A builder of expressions for one query.
   *
   * @param zone null for UTC
   */
  static RexBuilder builder(RelDataTypeFactory types, String zone) {
    return zone == null ? new RexBuilder(types) : new Builder(types, zone);
  }

  /** As {@link RexBuilder#makeCast}, with the zone where it matters. */
  public static RexNode cast(RexBuilder rex, RelDataType type, RexNode value) {
    return rex instanceof Builder zoned && isOfZone(value.getType(), type)
        ? new LocalZone(zoned).convert(type, value, false)
        : rex.makeCast(type, value);
  }

  /** The query with the zone in its expressions. */
  static RelNode rewritten(RelNode root, RexBuilder rex) {
    if (!(rex instanceof Builder zoned)) {
      return root;
    }
    LocalZone zone = new LocalZone(zoned);
    return root.accept(
        new RelHomogeneousShuttle() {
          @Override
          public RelNode visit(RelNode node) {
            return super.visit(node).accept(zone);
          }
        });
  }

  @Override
  public RexNode visitSubQuery(RexSubQuery subQuery) {
    RexSubQuery visited = (RexSubQuery) super.visitSubQuery(subQuery);
    return visited.clone(rewritten(visited.rel, rex));
  }

  @Override
  public RexNode visitCall(RexCall original) {
    if (original.getKind() == SqlKind.SEARCH && isInstant(original.getOperands().get(0))) {
      return RexUtil.expandSearch(rex, null, original).accept(new Points()).accept(this);
    }
    RexCall call = (RexCall) super.visitCall(original);
    List<RexNode> operands = call.getOperands();
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    SqlKind kind = call.getKind();
    if (kind == SqlKind.CAST || kind == SqlKind.SAFE_CAST) {
      return isOfZone(operands.get(0).getType(), call.getType())
          ? convert(call.getType(), operands.get(0), kind == SqlKind.SAFE_CAST)
          : call;
    }
    if (name.equals("UNIX_TIMESTAMP") && SqlTypeUtil.isCharacter(operands.get(0).getType())) {
      RelDataType type =
          type(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, DATE_PRECISION, operands.get(0));
      return rex.makeCall(
          call.getType(), Functions.EPOCH, List.of(convert(type, operands.get(0), false)));
    }
    if (operands.stream().noneMatch(LocalZone::isInstant)) {
      return CHOICES.contains(name) && isInstant(call) ? with(call, this::instant) : call;
    }
    if (isMonths(call)) {
      RexNode moved = with(call, this::local);
      return isInstant(call) ? ensure(call.getType(), toInstant(moved)) : moved;
    }
    if (SqlKind.COMPARISON.contains(kind)
        || kind == SqlKind.IS_DISTINCT_FROM
        || kind == SqlKind.IS_NOT_DISTINCT_FROM
        || kind == SqlKind.MINUS
        || CHOICES.contains(name) && isInstant(call)) {
      return with(call, this::instant);
    }
    if (TEXTS.contains(name)) {
      return with(call, operand -> isInstant(operand) ? text(operand) : operand);
    }
    if (CUTS.contains(name)) {
      return cut(call, name);
    }
    return OF_CLOCK_TIME.contains(name) && !isOfInstant(call, name)
        ? with(call, this::local)
        : call;
  }

  /** DATE_TRUNC(unit, time), in either order, FLOOR(time TO unit) and CEIL(time TO unit). */
  private RexNode cut(RexCall call, String name) {
    RexNode first = call.getOperands().get(0);
    RexNode second = call.getOperands().get(1);
    RexNode time = isInstant(first) ? first : second;
    RexNode unit = isInstant(first) ? second : first;
    if (unit instanceof RexLiteral literal && literal.getValue() instanceof Enum<?> symbol) {
      unit = rex.makeLiteral(symbol.name());
    }
    return rex.makeCall(
        call.getType(),
        name.equals("CEIL") ? Functions.CEIL_IN_ZONE : Functions.FLOOR_IN_ZONE,
        List.of(rex.makeLiteral(rex.zone), unit, time));
  }

  /** Whether a function of clock times is, in this call, one of instants. */
  private static boolean isOfInstant(RexCall call, String name) {
    boolean difference = name.equals("DATEDIFF") || name.equals("DATE_DIFF");
    if (!difference && !name.equals("EXTRACT") && !name.startsWith("DATE")
        || name.equals("DATE_FORMAT")) {
      return false;
    }
    RexNode unit = call.getOperands().get(0);
    if (!(unit instanceof RexLiteral literal) || literal.isNull()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              name
                  + " of a TIMESTAMP WITH LOCAL TIME ZONE in a unit that changes is not supported.")
          .mend("Write the unit, or " + name + "(.. AT TIME ZONE 'Europe/Berlin').");
    }
    String text =
        literal.getValue() instanceof Enum<?> symbol
            ? symbol.name()
            : literal.getValueAs(String.class).toUpperCase(Locale.ROOT);
    return text.equals("EPOCH") || difference && TimeUnit.isShort(text);
  }

  /** {@code +} and {@code -} that count months. */
  private static boolean isMonths(RexCall call) {
    boolean sum = call.getKind() == SqlKind.PLUS || call.getKind() == SqlKind.MINUS;
    return sum
        && (isMonths(call.getType())
            || call.getOperands().stream().anyMatch(operand -> isMonths(operand.getType())));
  }

  private static boolean isMonths(RelDataType type) {
    return SqlTypeName.YEAR_INTERVAL_TYPES.contains(type.getSqlTypeName());
  }

  private RexNode with(RexCall call, UnaryOperator<RexNode> change) {
    List<RexNode> operands = new ArrayList<>();
    call.getOperands().forEach(operand -> operands.add(change.apply(operand)));
    boolean clock = isInstant(call) && isMonths(call);
    RelDataType type = clock ? clockType(call.getType()) : call.getType();
    return rex.makeCall(type, call.getOperator(), operands);
  }

  private RexNode local(RexNode operand) {
    return isInstant(operand) ? toLocal(operand) : operand;
  }

  private RexNode instant(RexNode operand) {
    return switch (operand.getType().getSqlTypeName()) {
      case TIMESTAMP, DATE -> toInstant(operand);
      default -> operand;
    };
  }

  /** A cast between an instant and something of clock times. */
  private RexNode convert(RelDataType type, RexNode value, boolean safe) {
    if (isInstant(value)) {
      return ensure(type, toLocal(value));
    }
    if (!SqlTypeUtil.isCharacter(value.getType())) {
      return ensure(type, toInstant(value));
    }
    RelDataType clock =
        rex.getTypeFactory()
            .createTypeWithNullability(clockType(type), safe || value.getType().isNullable());
    RelDataType nullable = rex.getTypeFactory().createTypeWithNullability(type, clock.isNullable());
    RexNode choice =
        rex.makeCall(
            nullable,
            SqlStdOperatorTable.CASE,
            List.of(
                rex.makeCall(
                    SqlStdOperatorTable.IS_TRUE, rex.makeCall(Functions.HAS_OFFSET, value)),
                rex.makeAbstractCast(nullable, value, safe),
                ensure(nullable, toInstant(rex.makeAbstractCast(clock, value, safe)))));
    return ensure(type, choice);
  }

  private RexNode ensure(RelDataType type, RexNode value) {
    return value.getType().equals(type) ? value : rex.makeAbstractCast(type, value, false);
  }

  private RexNode text(RexNode instant) {
    return rex.makeAbstractCast(
        rex.getTypeFactory()
            .createTypeWithNullability(
                rex.getTypeFactory().createSqlType(SqlTypeName.VARCHAR),
                instant.getType().isNullable()),
        toLocal(instant),
        false);
  }

  private RexNode toLocal(RexNode instant) {
    return inZone(clockType(instant.getType()), instant);
  }

  private RexNode toInstant(RexNode clock) {
    RexNode time = clock;
    if (clock.getType().getSqlTypeName() == SqlTypeName.DATE) {
      time = rex.makeAbstractCast(type(SqlTypeName.TIMESTAMP, DATE_PRECISION, clock), clock, false);
    }
    int precision = time.getType().getPrecision();
    return inZone(type(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, precision, clock), time);
  }

  private RexNode inZone(RelDataType type, RexNode time) {
    return rex.makeCall(type, Functions.TIMEZONE, List.of(rex.makeLiteral(rex.zone), time));
  }

  private RelDataType clockType(RelDataType instant) {
    RelDataTypeFactory types = rex.getTypeFactory();
    return types.createTypeWithNullability(
        types.createSqlType(SqlTypeName.TIMESTAMP, instant.getPrecision()), instant.isNullable());
  }

  private RelDataType type(SqlTypeName name, int precision, RexNode like) {
    RelDataTypeFactory types = rex.getTypeFactory();
    return types.createTypeWithNullability(
        types.createSqlType(name, precision), like.getType().isNullable());
  }

  private static boolean isInstant(RexNode node) {
    return isInstant(node.getType());
  }

  private static boolean isInstant(RelDataType type) {
    return type.getSqlTypeName() == SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE;
  }

  /** Whether a cast goes from instants to clock times, or back. */
  private static boolean isOfZone(RelDataType from, RelDataType to) {
    return isInstant(from) && isOfClockTime(to) || isOfClockTime(from) && isInstant(to);
  }

  private static boolean isOfClockTime(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case TIMESTAMP, DATE, TIME, CHAR, VARCHAR -> true;
      default -> false;
    };
  }

  /** The ends of ranges, which are clock times whatever type they have been given. */
  private final class Points extends RexShuttle {
    @Override
    public RexNode visitLiteral(RexLiteral literal) {
      return isInstant(literal) && !literal.isNull()
          ? rex.makeTimestampLiteral(
              literal.getValueAs(TimestampString.class), literal.getType().getPrecision())
          : literal;
    }
  }
}
