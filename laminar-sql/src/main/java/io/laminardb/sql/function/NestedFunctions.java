package io.laminardb.sql.function;

import static io.laminardb.sql.function.NestedFunction.Parameter.*;
import static io.laminardb.sql.function.NestedFunction.Returns.*;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.NestedFunction.Common;
import io.laminardb.sql.function.NestedFunction.Parameter;
import io.laminardb.sql.function.NestedFunction.Returns;
import io.laminardb.sql.function.NestedFunction.Variant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;

/** Functions of ARRAY, MAP and ROW. */
public final class NestedFunctions {
  /** A call of it in a select list makes a row of each element; only planning knows how. */
  public static final SqlOperator UNNEST =
      new ScalarFunction(
          "UNNEST",
          ReturnTypes.TO_COLLECTION_ELEMENT.andThen(SqlTypeTransforms.FORCE_NULLABLE),
          OperandTypes.ARRAY,
          null);

  /** What {@link #padded} is called. */
  public static final String PADDED = "PADDED COLLECTION";

  /** CONCAT of arrays, which leaves NULLs out; that of texts is another function. */
  public static final String CONCAT = "CONCAT OF ARRAYS";

  private static final Function<Common, RelDataType> ELEMENTS = Common::array;
  private static final Function<Common, RelDataType> ONE = Common::element;
  private static final Function<Common, RelDataType> ENTRY_MAP = Common::map;
  private static final Function<Common, RelDataType> TEXT_ARRAY = c -> arrayOf(c, text(c));

  private final Map<String, List<Variant>> variants = new LinkedHashMap<>();

  private NestedFunctions() {}

  static List<SqlOperator> define() {
    NestedFunctions all = new NestedFunctions();
    all.padded();
    all.questions();
    all.arrays();
    all.sets();
    all.texts();
    all.json();
    all.maps();
    List<SqlOperator> functions = new ArrayList<>();
    functions.add(UNNEST);
    functions.add(
        new ScalarFunction(
            "NAMED_ROW",
            NestedFunctions::namedRow,
            OperandTypes.variadic(SqlOperandCountRanges.from(2)),
            null));
    all.variants.forEach((name, ways) -> functions.add(new NestedFunction(name, ways)));
    return functions;
  }

  /** The same collection, of which an element may be NULL; for UNNEST of several. */
  private void padded() {
    add(PADDED, "ArrayFunctions.same", VALUE, ELEMENTS, ARRAY);
    Function<Common, RelDataType> entries =
        c -> c.types().createMapType(nullable(c, c.key()), nullable(c, c.value()));
    add(PADDED, "ArrayFunctions.same", VALUE, entries, MAP);
  }

  private static RelDataType nullable(Common common, RelDataType type) {
    return common.types().createTypeWithNullability(type, true);
  }

  private void questions() {
    for (String name : List.of("CARDINALITY", "ARRAY_LENGTH", "ARRAY_SIZE", "LIST_LENGTH")) {
      add(name, "ArrayFunctions.count", VALUE, scalar(SqlTypeName.INTEGER), ARRAY);
    }
    add("CARDINALITY", "ArrayFunctions.count", VALUE, scalar(SqlTypeName.INTEGER), MAP);
    for (String name : List.of("ARRAY_CONTAINS", "ARRAY_HAS", "LIST_CONTAINS", "LIST_HAS")) {
      add(name, "ArrayFunctions.contains", VALUE, scalar(SqlTypeName.BOOLEAN), ARRAY, ELEMENT);
    }
    for (String name : List.of("ARRAY_POSITION", "LIST_POSITION", "LIST_INDEXOF")) {
      add(
          name,
          "ArrayFunctions.position",
          VALUE_OR_ZERO,
          scalar(SqlTypeName.INTEGER),
          ARRAY,
          ELEMENT);
    }
    for (String name : List.of("ARRAY_HAS_ANY", "LIST_HAS_ANY", "ARRAYS_OVERLAP")) {
      add(name, "ArrayFunctions.hasAny", VALUE, scalar(SqlTypeName.BOOLEAN), ARRAY, ARRAY);
    }
    for (String name : List.of("ARRAY_HAS_ALL", "LIST_HAS_ALL")) {
      add(name, "ArrayFunctions.hasAll", VALUE, scalar(SqlTypeName.BOOLEAN), ARRAY, ARRAY);
    }
    for (String name : List.of("ELEMENT_AT", "ARRAY_EXTRACT", "LIST_EXTRACT", "LIST_ELEMENT")) {
      add(name, "ArrayFunctions.element", ITEM, ONE, ARRAY, BIGINT);
    }
    add("ELEMENT", "ArrayFunctions.single", ITEM, ONE, ARRAY);
    for (String kind : List.of("ARRAY", "LIST")) {
      add(kind + "_MIN", "ArrayFunctions.min", ITEM, ONE, ARRAY);
      add(kind + "_MAX", "ArrayFunctions.max", ITEM, ONE, ARRAY);
      add(
          kind + "_SUM",
          "ArrayFunctions.sumOfIntegers",
          WRITTEN_ITEM,
          scalar(SqlTypeName.BIGINT),
          INTEGERS);
      add(kind + "_SUM", "ArrayFunctions.sum", WRITTEN_ITEM, scalar(SqlTypeName.DOUBLE), NUMBERS);
      add(kind + "_AVG", "ArrayFunctions.mean", WRITTEN_ITEM, scalar(SqlTypeName.DOUBLE), NUMBERS);
    }
  }

  private void arrays() {
    for (String name : List.of("ARRAY_CONCAT", "ARRAY_CAT", "LIST_CONCAT", "LIST_CAT")) {
      add(
          name,
          new Variant("ArrayFunctions.concat", List.of(ARRAY, ARRAY), 0, true, WRITTEN, ELEMENTS));
    }
    add(
        CONCAT,
        new Variant(
            "ArrayFunctions.concat",
            List.of(ARRAY_OR_NONE, ARRAY_OR_NONE),
            0,
            true,
            WRITTEN,
            ELEMENTS));
    add("LIST_REPEAT", "ListFunctions.repeat", WRITTEN, ELEMENTS, ARRAY, BIGINT);
    for (String name : List.of("ARRAY_APPEND", "ARRAY_PUSH_BACK", "LIST_APPEND")) {
      add(name, "ArrayFunctions.append", WRITTEN, ELEMENTS, ARRAY, ANY_ELEMENT);
    }
    for (String name : List.of("ARRAY_PREPEND", "ARRAY_PUSH_FRONT")) {
      add(name, "ArrayFunctions.prepend", WRITTEN, ELEMENTS, ARRAY, ANY_ELEMENT);
    }
    add("ARRAY_REMOVE", "ArrayFunctions.remove", WRITTEN, ELEMENTS, ARRAY, ANY_ELEMENT);
    for (String kind : List.of("ARRAY", "LIST")) {
      add(kind + "_SLICE", "ArrayFunctions.slice", WRITTEN, ELEMENTS, ARRAY, BIGINT, BIGINT);
      add(kind + "_REVERSE", "ArrayFunctions.reverse", WRITTEN, ELEMENTS, ARRAY);
      add(kind + "_REVERSE_SORT", "ArrayFunctions.sortReverse", WRITTEN, ELEMENTS, ARRAY);
    }
    for (String kind : List.of("ARRAY", "LIST")) {
      add(kind + "_REVERSE_SORT", "ListFunctions.sortReverse", WRITTEN, ELEMENTS, ARRAY, TEXT);
      add(kind + "_SELECT", "ListFunctions.select", WRITTEN, ELEMENTS, ARRAY, PLACES);
      add(kind + "_WHERE", "ListFunctions.where", WRITTEN, ELEMENTS, ARRAY, TRUTHS);
      String resize = "ListFunctions.resize";
      add(kind + "_RESIZE", resize, WRITTEN, ELEMENTS, ARRAY, BIGINT);
      add(kind + "_RESIZE", resize, WRITTEN, ELEMENTS, ARRAY, BIGINT, ANY_ELEMENT);
      String zip = "ListFunctions.zip";
      add(kind + "_ZIP", zip, WRITTEN, NestedFunctions::zipped, ANY_ARRAY, ANY_ARRAY);
      add(kind + "_ZIP", zip, WRITTEN, NestedFunctions::zipped, ANY_ARRAY, ANY_ARRAY, ANY_ARRAY);
    }
    for (String name : List.of("ARRAY_SORT", "LIST_SORT", "SORT_ARRAY")) {
      add(name, "ListFunctions.sort", WRITTEN, ELEMENTS, ARRAY, TEXT);
      add(name, "ListFunctions.sort", WRITTEN, ELEMENTS, ARRAY, TEXT, TEXT);
      add(
          name,
          new Variant("ArrayFunctions.sort", List.of(ARRAY, BOOLEAN), 1, false, WRITTEN, ELEMENTS));
    }
    for (String name : List.of("ARRAY_FLATTEN", "FLATTEN")) {
      add(
          name,
          "ArrayFunctions.flatten",
          WRITTEN,
          c -> c.types().createTypeWithNullability(c.element(), false),
          ARRAYS);
    }
    for (String name : List.of("GENERATE_SERIES", "SEQUENCE")) {
      series(name, "series");
    }
    series("RANGE", "range");
  }

  /** ROWs of an element of each array. */
  private static RelDataType zipped(Common common) {
    List<RelDataType> types = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (RelDataType array : common.given()) {
      types.add(nullable(common, array.getComponentType()));
      names.add("list_" + (names.size() + 1));
    }
    return arrayOf(common, common.types().createStructType(types, names));
  }

  private void series(String name, String method) {
    Function<Common, RelDataType> numbers = c -> arrayOf(c, scalar(SqlTypeName.BIGINT).apply(c));
    String ofNumbers = "ArrayFunctions." + method;
    add(name, new Variant(ofNumbers, List.of(BIGINT, BIGINT, BIGINT), 1, false, WRITTEN, numbers));
    add(name, ofNumbers, WRITTEN, numbers, BIGINT);
    for (Parameter point : List.of(TIME, INSTANT)) {
      SqlTypeName type =
          point == TIME ? SqlTypeName.TIMESTAMP : SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE;
      Function<Common, RelDataType> times =
          c -> arrayOf(c, c.types().createSqlType(type, NestedFunction.TIME_DIGITS));
      add(name, "TimeSeries." + method, WRITTEN, times, point, point, MILLIS);
      add(name, "TimeSeries." + method + "ByMonth", WRITTEN, times, point, point, MONTHS);
    }
  }

  private static RelDataType arrayOf(Common common, RelDataType element) {
    return common.types().createArrayType(element, -1);
  }

  private void sets() {
    for (String kind : List.of("ARRAY", "LIST")) {
      add(kind + "_DISTINCT", "ArrayFunctions.distinct", WRITTEN, ELEMENTS, ARRAY);
      add(kind + "_INTERSECT", "ArrayFunctions.intersect", WRITTEN, ELEMENTS, ARRAY, ARRAY);
    }
    add("ARRAY_UNION", "ArrayFunctions.union", WRITTEN, ELEMENTS, ARRAY, ARRAY);
    add("ARRAY_EXCEPT", "ArrayFunctions.except", WRITTEN, ELEMENTS, ARRAY, ARRAY);
  }

  private void texts() {
    for (String name : List.of("ARRAY_TO_STRING", "ARRAY_JOIN")) {
      add(
          name,
          new Variant(
              "ArrayFunctions.join",
              List.of(TEXTS, TEXT, TEXT),
              1,
              false,
              JOINED,
              scalar(SqlTypeName.VARCHAR)));
    }
    for (String name :
        List.of("STRING_TO_ARRAY", "SPLIT", "STRING_SPLIT", "STR_SPLIT", "STRING_TO_LIST")) {
      add(name, "ArrayFunctions.split", WRITTEN, TEXT_ARRAY, TEXT, TEXT);
    }
    for (String name :
        List.of("REGEXP_SPLIT_TO_ARRAY", "STRING_SPLIT_REGEX", "STR_SPLIT_REGEX", "REGEXP_SPLIT")) {
      add(
          name,
          new Variant("Regexp().split", List.of(TEXT, TEXT, TEXT), 1, false, WRITTEN, TEXT_ARRAY));
    }
  }

  private void json() {
    String rows = "JsonRows(buffer()).";
    add("JSON_EACH", rows + "each", WRITTEN, NestedFunctions::members, TEXT);
    add("JSON_EACH_TEXT", rows + "eachText", WRITTEN, NestedFunctions::members, TEXT);
    add("JSON_ARRAY_ELEMENTS", rows + "elements", WRITTEN, TEXT_ARRAY, TEXT);
    add("JSON_ARRAY_ELEMENTS_TEXT", rows + "elementsText", WRITTEN, TEXT_ARRAY, TEXT);
    add("JSON_KEYS", rows + "keys", WRITTEN, TEXT_ARRAY, TEXT);
  }

  /** ROWs of a key and a value. */
  private static RelDataType members(Common common) {
    RelDataType text = text(common);
    return arrayOf(
        common, common.types().createStructType(List.of(text, text), List.of("key", "value")));
  }

  private static RelDataType text(Common common) {
    return common
        .types()
        .createTypeWithNullability(scalar(SqlTypeName.VARCHAR).apply(common), true);
  }

  private void maps() {
    add(
        "STR_TO_MAP",
        new Variant(
            "MapFunctions.ofText",
            List.of(TEXT, TEXT, TEXT),
            2,
            false,
            WRITTEN,
            c -> c.types().createMapType(scalar(SqlTypeName.VARCHAR).apply(c), text(c))));
    add("ELEMENT_AT", "MapFunctions.value", ITEM, Common::value, MAP, KEY);
    for (String name : List.of("MAP_CONTAINS_KEY", "MAP_CONTAINS")) {
      add(name, "MapFunctions.containsKey", VALUE, scalar(SqlTypeName.BOOLEAN), MAP, KEY);
    }
    add("MAP_KEYS", "MapFunctions.keys", WRITTEN, c -> array(c, c.key()), MAP);
    add("MAP_VALUES", "MapFunctions.values", WRITTEN, c -> array(c, c.value()), MAP);
    add("MAP_ENTRIES", "MapFunctions.entries", WRITTEN, NestedFunctions::entries, MAP);
    add("MAP_FROM_ENTRIES", "MapFunctions.ofEntries", WRITTEN, c -> mapOf(c, c.element()), ENTRIES);
    add(
        "MAP_FROM_ARRAYS",
        "MapFunctions.ofArrays",
        WRITTEN,
        c -> c.types().createMapType(c.element(), c.value()),
        ARRAY,
        OTHER_ARRAY);
    add(
        "MAP_CONCAT",
        new Variant("MapFunctions.concat", List.of(MAP, MAP), 0, true, WRITTEN, ENTRY_MAP));
  }

  private static RelDataType array(Common common, RelDataType element) {
    return common
        .types()
        .createArrayType(common.types().createTypeWithNullability(element, true), -1);
  }

  private static RelDataType entries(Common common) {
    return array(
        common,
        common
            .types()
            .createStructType(List.of(common.key(), common.value()), List.of("key", "value")));
  }

  private static RelDataType mapOf(Common common, RelDataType row) {
    return common
        .types()
        .createMapType(row.getFieldList().get(0).getType(), row.getFieldList().get(1).getType());
  }

  /** The type of {@code {'a': 1}}. */
  private static RelDataType namedRow(SqlOperatorBinding call) {
    List<String> names = new ArrayList<>();
    List<RelDataType> types = new ArrayList<>();
    for (int i = 0; i + 1 < call.getOperandCount(); i += 2) {
      String name = call.getOperandLiteralValue(i, String.class);
      if (name == null || names.stream().anyMatch(name::equalsIgnoreCase)) {
        throw new LaminarException(
                ErrorCode.TYPE_MISMATCH,
                name == null
                    ? "the name of a field must be a text, written out."
                    : "the field \"" + name + "\" comes twice.")
            .mend("Write {'a': 1, 'b': 2}.");
      }
      names.add(name);
      types.add(call.getOperandType(i + 1));
    }
    return call.getTypeFactory().createStructType(types, names);
  }

  private static Function<Common, RelDataType> scalar(SqlTypeName name) {
    return common -> common.types().createSqlType(name);
  }

  private void add(
      String name,
      String method,
      Returns returns,
      Function<Common, RelDataType> result,
      Parameter... parameters) {
    add(name, new Variant(method, List.of(parameters), 0, false, returns, result));
  }

  private void add(String name, Variant variant) {
    variants.computeIfAbsent(name, any -> new ArrayList<>()).add(variant);
  }
}
