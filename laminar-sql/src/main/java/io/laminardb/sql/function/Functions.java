package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.by;

import io.laminardb.core.batch.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlNameMatcher;

/**
 * The scalar operators and functions that can be executed: all of them, and nothing else. Names are
 * looked up without regard to case. Aggregate and window functions are added by validation.
 *
 * <p>What runs a function is a matter of its name and the number of its arguments, so Calcite's own
 * operator of the same name may stand in an expression just as well.
 */
public final class Functions implements SqlOperatorTable {
  /** A BIGINT in the order of a number, a time or a BOOLEAN; for plans, users do not see it. */
  public static final SqlOperator ASCENDING =
      by("OrderKeys.ascending").same().as("ASCENDING KEY", Define.BIGINT);

  /** A BIGINT in the reverse order. */
  public static final SqlOperator DESCENDING =
      by("OrderKeys.descending").same().as("DESCENDING KEY", Define.BIGINT);

  /**
   * TRUE, or a failure where a count is above one: the check that planning adds to a subquery which
   * stands for a value.
   */
  public static final SqlOperator AT_MOST_ONE_ROW =
      by("Numbers.atMostOneRow").bigint().as("AT MOST ONE ROW", Define.BOOLEAN);

  /** Whether the third value, behind the first, is nearer to it than the second, before it. */
  public static final SqlOperator IS_NEARER =
      by("Numbers.isNearer").bigint().bigint().bigint().as("IS NEARER", Define.BOOLEAN);

  /** As {@link #IS_NEARER}, of times. */
  public static final SqlOperator IS_NEARER_TIME =
      by("Numbers.isNearer").time().time().time().as("IS NEARER", Define.BOOLEAN);

  /**
   * What an aggregate with ORDER BY keeps of a row: how keys are sorted, as a digit of flags each, the
   * keys, and the value. For plans.
   */
  public static final SqlOperator ENTRY =
      new ScalarFunction(
          "ENTRY", ReturnTypes.explicit(SqlTypeName.VARBINARY), OperandTypes.VARIADIC, null);

  /** The value of an {@link #ENTRY} with keys; for plans, which say its type. */
  public static final SqlOperator ENTRY_VALUE =
      new ScalarFunction("VALUE OF ENTRY", ReturnTypes.ARG0, OperandTypes.BINARY, null);

  /** Whether a text of a time says its offset from UTC; for plans. */
  public static final SqlOperator HAS_OFFSET =
      by("TimeTexts.hasOffset").text().as("HAS OFFSET", Define.BOOLEAN);

  /** TIMEZONE(zone, time). */
  public static final SqlOperator TIMEZONE = TimeFunctions.timeZone();

  /** The start, in a zone, of the unit that an instant lies in; for plans. */
  public static final SqlOperator FLOOR_IN_ZONE =
      by("ZonedUnits", "floor").text().text().time().as("FLOOR IN ZONE", ReturnTypes.ARG2_NULLABLE);

  /** The end, in a zone, of the unit that an instant lies in; for plans. */
  public static final SqlOperator CEIL_IN_ZONE =
      by("ZonedUnits", "ceil").text().text().time().as("CEIL IN ZONE", ReturnTypes.ARG2_NULLABLE);

  /** What runs UNIX_TIMESTAMP of a text in the form of a TIMESTAMP. */
  public static final Implementation UNIX_TIME_OF_TEXT =
      by("Times.unixTime").text().result(DataType.BIGINT).implementation();

  /** Whole seconds since 1970. */
  public static final SqlOperator EPOCH =
      by("Times.epoch").time().result(DataType.BIGINT).as("EPOCH", Define.BIGINT);

  /** The bucket of a number in the sketch of a quantile; for plans. */
  public static final SqlOperator BUCKET = by("Buckets.of").doubles().as("BUCKET", Define.BIGINT);

  /** The number that stands for a {@link #BUCKET}. */
  public static final SqlOperator BUCKET_VALUE =
      by("Buckets.value").bigint().as("VALUE OF BUCKET", Define.DOUBLE);

  /** A text as JSON; for plans. */
  public static final SqlOperator JSON_QUOTE =
      by("JsonTexts.quote").buffer().text().as("JSON TEXT", Define.TEXT);

  /** The text of a number as JSON; for plans. */
  public static final SqlOperator JSON_NUMBER =
      by("JsonTexts.number").buffer().text().as("JSON NUMBER", Define.TEXT);

  private static final Set<String> HIDDEN =
      Set.of(
          "NAMED_ROW",
          NestedFunctions.PADDED,
          NestedFunctions.CONCAT,
          TextFunctions.CHARACTER_AT,
          TextFunctions.SLICE);

  private static final Functions INSTANCE = new Functions();

  private final List<SqlOperator> operators = new ArrayList<>();
  private final Map<String, List<SqlOperator>> byName = new HashMap<>();
  private final Map<String, Implementation> implementations = new TreeMap<>();

  private Functions() {
    syntax();
    TextFunctions.define().forEach(this::add);
    JsonFunctions.define().forEach(this::add);
    NumberFunctions.define().forEach(this::add);
    TimeFunctions.define().forEach(this::add);
    ConditionFunctions.define().forEach(this::add);
    NestedFunctions.define().forEach(this::add);
    LambdaFunction.define().forEach(this::add);
  }

  /** The one table; immutable. */
  public static Functions table() {
    return INSTANCE;
  }

  /** What runs a function called with {@code arguments} arguments, or null when nothing does. */
  public static Implementation implementation(SqlOperator operator, int arguments) {
    if (operator instanceof ScalarFunction function) {
      return function.implementation();
    }
    String name = operator.getName().toUpperCase(Locale.ROOT);
    Implementation exact = INSTANCE.implementations.get(name + "/" + arguments);
    return exact != null ? exact : INSTANCE.implementations.get(name);
  }

  /** GENERATE_SERIES: the numbers from one to another, for plans. */
  public static SqlOperator series() {
    return INSTANCE.byName.get("GENERATE_SERIES").get(0);
  }

  /** The function of a name in capitals that is there once, for plans. */
  public static SqlOperator named(String name) {
    return INSTANCE.byName.get(name).get(0);
  }

  /** The names of all functions, in alphabetical order. */
  public static List<String> names() {
    return INSTANCE.operators.stream()
        .filter(o -> o.getSyntax().family == SqlSyntax.FUNCTION)
        .map(o -> o.getName().toUpperCase(Locale.ROOT))
        .filter(n -> n.matches("[A-Z][A-Z0-9_ ]*") && !isHidden(n) && !n.equals("TRANSLATE3"))
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether it stands for a spelling that has no name. */
  private static boolean isHidden(String name) {
    return name.startsWith("JSON ") || HIDDEN.contains(name);
  }

  private void add(SqlOperator operator) {
    operators.add(operator);
    byName
        .computeIfAbsent(operator.getName().toUpperCase(Locale.ROOT), name -> new ArrayList<>())
        .add(operator);
    if (operator instanceof ScalarFunction function && function.implementation() != null) {
      implementations.putIfAbsent(
          operator.getName().toUpperCase(Locale.ROOT), function.implementation());
    }
  }

  private void run(SqlOperator operator, Define how) {
    add(operator);
    Implementation implementation = how.implementation();
    String name = operator.getName().toUpperCase(Locale.ROOT);
    implementations.put(name + "/" + implementation.parameters().size(), implementation);
  }

  private void also(SqlOperator operator, Define how) {
    Implementation implementation = how.implementation();
    implementations.put(
        operator.getName().toUpperCase(Locale.ROOT) + "/" + implementation.parameters().size(),
        implementation);
  }

  /** Operators that have a syntax of their own. */
  private void syntax() {
    List.of(
            SqlStdOperatorTable.AND,
            SqlStdOperatorTable.OR,
            SqlStdOperatorTable.NOT,
            SqlStdOperatorTable.EQUALS,
            SqlStdOperatorTable.NOT_EQUALS,
            SqlStdOperatorTable.LESS_THAN,
            SqlStdOperatorTable.LESS_THAN_OR_EQUAL,
            SqlStdOperatorTable.GREATER_THAN,
            SqlStdOperatorTable.GREATER_THAN_OR_EQUAL,
            SqlStdOperatorTable.IS_DISTINCT_FROM,
            SqlStdOperatorTable.IS_NOT_DISTINCT_FROM,
            SqlStdOperatorTable.IS_NULL,
            SqlStdOperatorTable.IS_NOT_NULL,
            SqlStdOperatorTable.IS_TRUE,
            SqlStdOperatorTable.IS_NOT_TRUE,
            SqlStdOperatorTable.IS_FALSE,
            SqlStdOperatorTable.IS_NOT_FALSE,
            SqlStdOperatorTable.IS_UNKNOWN,
            SqlStdOperatorTable.IS_NOT_UNKNOWN,
            SqlStdOperatorTable.BETWEEN,
            SqlStdOperatorTable.NOT_BETWEEN,
            SqlStdOperatorTable.SYMMETRIC_BETWEEN,
            SqlStdOperatorTable.SYMMETRIC_NOT_BETWEEN,
            SqlStdOperatorTable.IN,
            SqlStdOperatorTable.NOT_IN,
            EpochArithmetic.PLUS,
            EpochArithmetic.MINUS,
            SqlStdOperatorTable.MULTIPLY,
            SqlStdOperatorTable.DIVIDE,
            Remainder.PERCENT,
            SqlStdOperatorTable.UNARY_PLUS,
            SqlStdOperatorTable.UNARY_MINUS,
            SqlStdOperatorTable.MINUS_DATE,
            SqlStdOperatorTable.DATETIME_PLUS,
            SqlStdOperatorTable.CASE,
            SqlStdOperatorTable.COALESCE,
            SqlStdOperatorTable.NULLIF,
            SqlStdOperatorTable.CAST,
            SqlLibraryOperators.SAFE_CAST,
            SqlLibraryOperators.TRY_CAST,
            SqlLibraryOperators.INFIX_CAST,
            Remainder.MOD,
            SqlStdOperatorTable.EXTRACT,
            SqlStdOperatorTable.YEAR,
            SqlStdOperatorTable.QUARTER,
            SqlStdOperatorTable.MONTH,
            SqlStdOperatorTable.WEEK,
            SqlStdOperatorTable.DAYOFYEAR,
            SqlStdOperatorTable.DAYOFMONTH,
            SqlStdOperatorTable.DAYOFWEEK,
            SqlStdOperatorTable.HOUR,
            SqlStdOperatorTable.MINUTE,
            SqlStdOperatorTable.SECOND,
            SqlStdOperatorTable.TIMESTAMP_ADD,
            SqlStdOperatorTable.TIMESTAMP_DIFF,
            SqlStdOperatorTable.ROW,
            SqlStdOperatorTable.ITEM,
            SqlStdOperatorTable.DOT,
            SqlStdOperatorTable.ARRAY_VALUE_CONSTRUCTOR,
            SqlStdOperatorTable.MAP_VALUE_CONSTRUCTOR,
            SqlStdOperatorTable.DEFAULT)
        .forEach(this::add);
    run(SqlStdOperatorTable.CONCAT, by("Texts.concat").buffer().text().text());
    patterns(SqlStdOperatorTable.LIKE, "LikePattern", "like");
    patterns(SqlStdOperatorTable.NOT_LIKE, "LikePattern", "notLike");
    patterns(SqlLibraryOperators.ILIKE, "LikePattern", "ilike");
    patterns(SqlLibraryOperators.NOT_ILIKE, "LikePattern", "notIlike");
    patterns(SqlStdOperatorTable.SIMILAR_TO, "Regexp", "similar");
    patterns(SqlStdOperatorTable.NOT_SIMILAR_TO, "Regexp", "notSimilar");
    add(SqlStdOperatorTable.SUBSTRING);
    also(SqlStdOperatorTable.SUBSTRING, by("Texts.substring").buffer().text().integer());
    also(SqlStdOperatorTable.SUBSTRING, by("Texts.substring").buffer().text().integer().integer());
    add(SqlLibraryOperators.DECODE);
    add(SqlLibraryOperators.NVL2);
    add(SqlStdOperatorTable.OVERLAY);
    also(SqlStdOperatorTable.OVERLAY, by("TextParts.overlay").buffer().text().text().integer());
    also(
        SqlStdOperatorTable.OVERLAY,
        by("TextParts.overlay").buffer().text().text().integer().integer());
    also(SqlStdOperatorTable.POSITION, by("TextParts.position").text().text().integer());
    add(SqlStdOperatorTable.TRIM);
    implementations.put(
        "TRIM/3",
        new Implementation(
            null,
            "Texts.trim",
            List.of(
                Implementation.Parameter.SYMBOL,
                Implementation.Parameter.TEXT,
                Implementation.Parameter.TEXT),
            true,
            false,
            false,
            DataType.VARCHAR));
    run(SqlStdOperatorTable.POSITION, by("Texts.position").text().text().result(DataType.INTEGER));
    run(SqlStdOperatorTable.FLOOR, by("Numbers.floor").number());
    run(SqlStdOperatorTable.CEIL, by("Numbers.ceil").number());
    run(SqlStdOperatorTable.BITAND_OPERATOR, by("Numbers.bitAnd").whole().whole());
    run(SqlStdOperatorTable.BIT_LEFT_SHIFT, by("Numbers.shiftLeft").whole().integer().named());
    implementations.put("START OF TUMBLE/3", by("Times.windowStart").bounds());
    implementations.put("END OF TUMBLE/3", by("Times.windowEnd").bounds());
    implementations.put("WINDOW_TIME/1", by("Times.windowTime").end());
    for (String name : List.of("RAND", "RANDOM")) {
      run(new RandomFunction(name, ReturnTypes.DOUBLE), by("Numbers.random"));
    }
    for (String name : List.of("UUID", "GEN_RANDOM_UUID")) {
      run(new RandomFunction(name, ReturnTypes.VARCHAR), by("Encodings.uuid").buffer());
    }
  }

  private void patterns(SqlOperator operator, String state, String method) {
    run(operator, by(state, method).text().text());
    also(operator, by(state, method).text().text().text());
  }

  @Override
  public void lookupOperatorOverloads(
      SqlIdentifier name,
      SqlFunctionCategory category,
      SqlSyntax syntax,
      List<SqlOperator> found,
      SqlNameMatcher matcher) {
    if (!name.isSimple()) {
      return;
    }
    for (SqlOperator operator :
        byName.getOrDefault(name.getSimple().toUpperCase(Locale.ROOT), List.of())) {
      if (operator.getSyntax().family == syntax.family) {
        found.add(operator);
      }
    }
  }

  @Override
  public List<SqlOperator> getOperatorList() {
    return operators.stream().filter(o -> !isHidden(o.getName())).toList();
  }
}
