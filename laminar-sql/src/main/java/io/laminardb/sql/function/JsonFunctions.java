package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BOOLEAN;
import static io.laminardb.sql.function.Define.INTEGER;
import static io.laminardb.sql.function.Define.TEXT;
import static io.laminardb.sql.function.Define.TEXT_OR_NULL;
import static io.laminardb.sql.function.Define.by;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/** Functions of JSON. Those whose names have a blank stand for clauses; users do not see them. */
final class JsonFunctions {
  private JsonFunctions() {}

  /** Functions of JSON texts. */
  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    String state = "JsonPath(buffer())";
    all.add(by(state, "exists").text().text().as("JSON_EXISTS", BOOLEAN));
    for (String name : List.of("JSON_VALUE", "JSON_QUERY", "JSON ANY", "JSON FAILURE")) {
      String method = name.substring(5).toLowerCase(Locale.ROOT);
      all.add(by(state, method).buffer().nullableResult().text().text().as(name, TEXT_OR_NULL));
    }
    for (String name : List.of("JSON_EXTRACT", "JSON_EXTRACT_PATH")) {
      all.add(atPath(name, by(state, "extract")));
    }
    for (String name : List.of("JSON_EXTRACT_STRING", "JSON_EXTRACT_PATH_TEXT")) {
      all.add(atPath(name, by(state, "extractString")));
    }
    all.add(by(state, "outcome").text().text().as("JSON OUTCOME", INTEGER));
    all.add(by(state, "keyFailure").as("JSON KEY FAILURE", TEXT));
    all.add(by(state, "unquote").buffer().text().as("JSON_UNQUOTE", TEXT));
    all.add(
        by("JsonKeys(buffer(), buffer())", "keys").text().as("JSON_KEYS", JsonFunctions::texts));
    for (String name : List.of("TO_JSON", "JSON_QUOTE", "JSON_STRING")) { // see JsonValues
      all.add(new ScalarFunction(name, TEXT, OperandTypes.ANY, null));
    }
    all.add(by(state, "valid").text().as("JSON_VALID", BOOLEAN));
    all.add(by(state, "type").buffer().text().as("JSON_TYPE", TEXT));
    all.add(by(state, "arrayLength").text().as("JSON_ARRAY_LENGTH", INTEGER));
    return all;
  }

  /** A function of a path, or of the index of an element. */
  private static SqlOperator atPath(String name, Define how) {
    return new ScalarFunction(
        name,
        TEXT_OR_NULL,
        OperandTypes.or(
            OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.CHARACTER),
            OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.INTEGER)),
        how.buffer().nullableResult().text().same().implementation());
  }

  /** An ARRAY of texts. */
  static RelDataType texts(SqlOperatorBinding call) {
    RelDataTypeFactory types = call.getTypeFactory();
    RelDataType text =
        types.createTypeWithNullability(types.createSqlType(SqlTypeName.VARCHAR), true);
    return types.createTypeWithNullability(
        types.createArrayType(text, -1),
        call.collectOperandTypes().stream().anyMatch(RelDataType::isNullable));
  }
}
