package io.laminardb.sql.function;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * A function of ARRAYs or MAPs: the types it takes and the Java that runs it, a static method that is
 * given the type of the first collection, then, where it makes a nested value, what to write it to,
 * then the arguments.
 */
public final class NestedFunction extends SqlFunction {
  /** What an argument is. */
  public enum Parameter {
    /** An ARRAY; all of a call have the same type of elements. */
    ARRAY,
    /** An ARRAY whose elements are a matter of its own; its type is handed over too. */
    OTHER_ARRAY,
    /** An ARRAY that has nothing to do with others; its type is handed over too. */
    ANY_ARRAY,
    /** An ARRAY like {@link #ARRAY}; NULL is one without elements. */
    ARRAY_OR_NONE,
    /** An ARRAY of integers, as BIGINT, beside another. */
    PLACES,
    /** An ARRAY of BOOLEANs beside another; its type is handed over too. */
    TRUTHS,
    /** An ARRAY of texts. */
    TEXTS,
    /** An ARRAY of integers, as BIGINT. */
    INTEGERS,
    /** An ARRAY of numbers, as DOUBLE. */
    NUMBERS,
    /** An ARRAY of ARRAYs. */
    ARRAYS,
    /** An ARRAY of ROWs of two fields. */
    ENTRIES,
    /** An element of the arrays; the result is NULL where it is. */
    ELEMENT,
    /** An element of the arrays, NULL too. */
    ANY_ELEMENT,
    MAP,
    /** A key of the maps. */
    KEY,
    BIGINT,
    BOOLEAN,
    TEXT,
    /** A TIMESTAMP in microseconds, or a DATE made one. */
    TIME,
    /** A TIMESTAMP WITH LOCAL TIME ZONE in microseconds. */
    INSTANT,
    /** An INTERVAL of days and shorter, in milliseconds. */
    MILLIS,
    /** An INTERVAL of years and months. */
    MONTHS
  }

  /** What the Java gives. */
  public enum Returns {
    /** The value in the Java of its type. */
    VALUE,
    /** As VALUE, with 0 for NULL. */
    VALUE_OR_ZERO,
    /** The address of an item; 0 for NULL. */
    ITEM,
    /** As ITEM, and it is written. */
    WRITTEN_ITEM,
    /** An ARRAY or MAP, which is written. */
    WRITTEN,
    /** A text, which is joined. */
    JOINED
  }

  /**
   * The types of a call.
   *
   * @param variant what runs it
   * @param result of the call
   * @param operands what arguments are converted to
   */
  public record Signature(Variant variant, RelDataType result, List<RelDataType> operands) {}

  /** The types that collections of a call have in common, for those that make the result's of them. */
  record Common(
      RelDataTypeFactory types,
      RelDataType element,
      RelDataType key,
      RelDataType value,
      List<RelDataType> given) {
    RelDataType array() {
      return types.createArrayType(element, -1);
    }

    RelDataType map() {
      return types.createMapType(key, value);
    }
  }

  /**
   * One way to call the function.
   *
   * @param method {@code Class.method} of a class in {@code io.laminardb.core.operator.scalar}, or
   *     {@code Class(arguments).method} of an object that each call in a query has for itself
   * @param optional how many of the last parameters may be left out
   * @param repeats whether the last parameter may come again, the method being called again with the
   *     result so far and the next
   */
  public record Variant(
      String method,
      List<Parameter> parameters,
      int optional,
      boolean repeats,
      Returns returns,
      Function<Common, RelDataType> result) {
    /** What argument {@code index} is. */
    public Parameter parameter(int index) {
      return parameters.get(Math.min(index, parameters.size() - 1));
    }

    private boolean takes(int arguments) {
      return arguments >= parameters.size() - optional
          && (repeats || arguments <= parameters.size());
    }
  }

  /** Digits of the seconds of {@link Parameter#TIME}. */
  static final int TIME_DIGITS = 6;

  private final List<Variant> variants;

  NestedFunction(String name, List<Variant> variants) {
    super(
        name,
        SqlKind.OTHER_FUNCTION,
        call -> infer(call.getOperator(), call.getTypeFactory(), call.collectOperandTypes()),
        null,
        new Checker(),
        SqlFunctionCategory.USER_DEFINED_FUNCTION);
    this.variants = List.copyOf(variants);
  }

  private static RelDataType infer(
      SqlOperator operator, RelDataTypeFactory types, List<RelDataType> operands) {
    Signature signature = ((NestedFunction) operator).signature(types, operands);
    return signature == null ? null : signature.result();
  }

  /** The types of a call with arguments of these types; null where they do not fit. */
  public Signature signature(RelDataTypeFactory types, List<RelDataType> given) {
    for (Variant variant : variants) {
      Signature signature = variant.takes(given.size()) ? signature(variant, types, given) : null;
      if (signature != null) {
        return signature;
      }
    }
    return null;
  }

  private static Signature signature(
      Variant variant, RelDataTypeFactory types, List<RelDataType> given) {
    List<RelDataType> elements = new ArrayList<>();
    List<RelDataType> keys = new ArrayList<>();
    List<RelDataType> values = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      RelDataType type = given.get(i);
      if (!fits(variant.parameter(i), type)) {
        return null;
      }
      switch (variant.parameter(i)) {
        case ARRAY, TEXTS, INTEGERS, NUMBERS, ARRAYS, ENTRIES ->
            elements.add(type.getComponentType());
        case ARRAY_OR_NONE -> {
          if (type.getSqlTypeName() == SqlTypeName.ARRAY) {
            elements.add(type.getComponentType());
          }
        }
        case OTHER_ARRAY -> values.add(type.getComponentType());
        case ELEMENT, ANY_ELEMENT -> elements.add(type);
        case MAP -> {
          keys.add(type.getKeyType());
          values.add(type.getValueType());
        }
        case KEY -> keys.add(type);
        default -> {
          // has a type of its own
        }
      }
    }
    Common common =
        new Common(
            types, common(types, elements), common(types, keys), common(types, values), given);
    boolean known =
        (elements.isEmpty() || common.element != null)
            && (keys.isEmpty() || common.key != null)
            && (values.isEmpty() || common.value != null);
    return known ? signature(variant, common, given) : null;
  }

  private static RelDataType common(RelDataTypeFactory types, List<RelDataType> all) {
    RelDataType least = all.isEmpty() ? null : types.leastRestrictive(all);
    return least == null ? null : types.createTypeWithNullability(least, true);
  }

  private static Signature signature(Variant variant, Common common, List<RelDataType> given) {
    List<RelDataType> operands = new ArrayList<>();
    boolean nullable =
        switch (variant.returns) {
          case VALUE, WRITTEN, JOINED -> false;
          default -> true;
        };
    for (int i = 0; i < given.size(); i++) {
      RelDataType own = given.get(i);
      RelDataType type =
          switch (variant.parameter(i)) {
            case ARRAY, ARRAY_OR_NONE, ARRAYS, ENTRIES -> common.array();
            case TEXTS -> arrayOf(common.types, SqlTypeName.VARCHAR);
            case INTEGERS -> arrayOf(common.types, SqlTypeName.BIGINT);
            case NUMBERS -> arrayOf(common.types, SqlTypeName.DOUBLE);
            case ELEMENT, ANY_ELEMENT -> common.element;
            case MAP -> common.map();
            case KEY -> common.key;
            case BIGINT -> common.types.createSqlType(SqlTypeName.BIGINT);
            case TEXT -> common.types.createSqlType(SqlTypeName.VARCHAR);
            case TIME -> common.types.createSqlType(SqlTypeName.TIMESTAMP, TIME_DIGITS);
            case INSTANT ->
                common.types.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIME_DIGITS);
            case PLACES -> arrayOf(common.types, SqlTypeName.BIGINT);
            case BOOLEAN, OTHER_ARRAY, ANY_ARRAY, TRUTHS, MILLIS, MONTHS -> own;
          };
      nullable |= own.isNullable() && !takesNull(variant.parameter(i));
      operands.add(common.types.createTypeWithNullability(type, own.isNullable()));
    }
    RelDataType result = variant.result.apply(common);
    return new Signature(
        variant, common.types.createTypeWithNullability(result, nullable), operands);
  }

  private static boolean takesNull(Parameter parameter) {
    return parameter == Parameter.ANY_ELEMENT || parameter == Parameter.ARRAY_OR_NONE;
  }

  private static RelDataType arrayOf(RelDataTypeFactory types, SqlTypeName name) {
    return types.createArrayType(
        types.createTypeWithNullability(types.createSqlType(name), true), -1);
  }

  private static boolean fits(Parameter parameter, RelDataType type) {
    boolean array = type.getSqlTypeName() == SqlTypeName.ARRAY;
    RelDataType element = array ? type.getComponentType() : null;
    return switch (parameter) {
      case ARRAY, OTHER_ARRAY, ANY_ARRAY -> array;
      case ARRAY_OR_NONE -> array || type.getSqlTypeName() == SqlTypeName.NULL;
      case PLACES -> array && SqlTypeFamily.INTEGER.contains(element);
      case TRUTHS -> array && SqlTypeFamily.BOOLEAN.contains(element);
      case TEXTS -> array && !SqlTypeFamily.BINARY.contains(element);
      case INTEGERS -> array && SqlTypeFamily.INTEGER.contains(element);
      case NUMBERS -> array && SqlTypeFamily.NUMERIC.contains(element);
      case ARRAYS -> array && element.getSqlTypeName() == SqlTypeName.ARRAY;
      case ENTRIES -> array && element.isStruct() && element.getFieldCount() == 2;
      case ELEMENT, ANY_ELEMENT, KEY -> true;
      case MAP -> type.getSqlTypeName() == SqlTypeName.MAP;
      case BIGINT -> SqlTypeFamily.INTEGER.contains(type);
      case BOOLEAN -> SqlTypeFamily.BOOLEAN.contains(type);
      case TEXT -> SqlTypeFamily.CHARACTER.contains(type);
      case TIME ->
          type.getSqlTypeName() == SqlTypeName.DATE
              || type.getSqlTypeName() == SqlTypeName.TIMESTAMP;
      case INSTANT -> type.getSqlTypeName() == SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE;
      case MILLIS -> SqlTypeName.DAY_INTERVAL_TYPES.contains(type.getSqlTypeName());
      case MONTHS -> SqlTypeName.YEAR_INTERVAL_TYPES.contains(type.getSqlTypeName());
    };
  }

  /** Whether the arguments have types that the function has a signature for. */
  private static final class Checker implements SqlOperandTypeChecker {
    @Override
    public boolean checkOperandTypes(SqlCallBinding call, boolean throwOnFailure) {
      boolean fits =
          infer(call.getOperator(), call.getTypeFactory(), call.collectOperandTypes()) != null;
      if (!fits && throwOnFailure) {
        throw call.newValidationSignatureError();
      }
      return fits;
    }

    @Override
    public SqlOperandCountRange getOperandCountRange() {
      return SqlOperandCountRanges.any();
    }

    @Override
    public String getAllowedSignatures(SqlOperator operator, String name) {
      List<String> signatures = new ArrayList<>();
      for (Variant variant : ((NestedFunction) operator).variants) {
        signatures.add(name + variant.parameters.toString().replace('[', '(').replace(']', ')'));
      }
      return String.join("\n", signatures);
    }
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (Variant variant : variants) {
      least = Math.min(least, variant.parameters.size() - variant.optional);
      most = Math.max(most, variant.repeats ? Integer.MAX_VALUE : variant.parameters.size());
    }
    return most == Integer.MAX_VALUE
        ? SqlOperandCountRanges.from(least)
        : SqlOperandCountRanges.between(least, most);
  }
}
