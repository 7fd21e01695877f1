package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BIGINT;
import static io.laminardb.sql.function.Define.DATE;
import static io.laminardb.sql.function.Define.TEXT;
import static io.laminardb.sql.function.Define.TIMESTAMP;
import static io.laminardb.sql.function.Define.by;

import io.laminardb.core.batch.DataType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;

/** Functions of dates and times. */
final class TimeFunctions {
  private TimeFunctions() {}

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    String[][] fields = {
      {"DAY", "day"},
      {"WEEKOFYEAR", "week"},
      {"ISOYEAR", "isoyear"},
      {"ISODOW", "isodow"},
      {"DECADE", "decade"},
      {"CENTURY", "century"},
      {"MILLENNIUM", "millennium"},
      {"MILLISECOND", "millisecond"},
      {"MICROSECOND", "microsecond"},
      {"EPOCH", "epoch"}
    };
    for (String[] field : fields) {
      all.add(by("Times." + field[1]).time().result(DataType.BIGINT).as(field[0], BIGINT));
    }
    for (String name : List.of("DATE_PART", "DATEPART")) {
      all.add(by("TimeUnit", "part").text().time().result(DataType.BIGINT).as(name, BIGINT));
    }
    for (String name : List.of("DATE_TRUNC", "DATETRUNC")) {
      all.add(
          new ScalarFunction(
              name,
              ReturnTypes.ARG1_NULLABLE,
              OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.DATETIME),
              by("TimeUnit", "floor").text().time().implementation()));
    }
    SqlReturnTypeInference timestamp = ReturnTypes.explicit(SqlTypeName.TIMESTAMP, 6);
    SqlReturnTypeInference time = ReturnTypes.explicit(SqlTypeName.TIME, 6);
    all.add(new StatementFunction("NOW", timestamp, true));
    all.add(new StatementFunction("CURRENT_TIMESTAMP", timestamp, false));
    all.add(new StatementFunction("LOCALTIMESTAMP", timestamp, false));
    all.add(new StatementFunction("CURRENT_DATE", ReturnTypes.explicit(SqlTypeName.DATE), false));
    all.add(new StatementFunction("CURRENT_TIME", time, false));
    all.add(new StatementFunction("LOCALTIME", time, false));
    for (String name : List.of("DATE_ADD", "DATE_SUB")) { // validation makes it + or -
      all.add(
          new ScalarFunction(
              name,
              ReturnTypes.ARG0_NULLABLE,
              OperandTypes.family(SqlTypeFamily.DATETIME, SqlTypeFamily.DATETIME_INTERVAL),
              null));
    }
    all.add(
        by("TimeUnit", "between")
            .text()
            .time()
            .time()
            .result(DataType.BIGINT)
            .as("DATEDIFF", BIGINT));
    all.add(by("Times.lastDay").time().as("LAST_DAY", DATE));
    all.add(by("Times.makeDate").bigint().integer().integer().as("MAKE_DATE", DATE));
    all.add(by("Times.dayName").buffer().time().as("DAYNAME", TEXT));
    all.add(by("Times.monthName").buffer().time().as("MONTHNAME", TEXT));
    all.add(by("TimeFormat", "toChar").buffer().time().text().as("TO_CHAR", TEXT));
    all.add(by("TimeFormat", "dateFormat").buffer().time().text().as("DATE_FORMAT", TEXT));
    all.add(by("TimeFormat", "strftime").buffer().time().text().as("STRFTIME", TEXT));
    all.add(
        by("TimeFormat", "strptime")
            .text()
            .text()
            .result(DataType.timestamp(3))
            .as("STRPTIME", TIMESTAMP));
    all.add(
        by("TimeFormat", "toTimestamp")
            .text()
            .text()
            .result(DataType.timestamp(3))
            .as("TO_TIMESTAMP", TIMESTAMP));
    all.add(
        new ScalarFunction(
            "TO_TIMESTAMP",
            TIMESTAMP,
            OperandTypes.or(
                OperandTypes.family(SqlTypeFamily.NUMERIC),
                OperandTypes.family(SqlTypeFamily.CHARACTER)),
            by("Times.toTimestamp").number().result(DataType.timestamp(3)).implementation()));
    all.add(
        new ScalarFunction(
            "EPOCH_MS",
            call ->
                SqlTypeUtil.isDatetime(call.getOperandType(0))
                    ? BIGINT.inferReturnType(call)
                    : TIMESTAMP.inferReturnType(call),
            OperandTypes.or(
                OperandTypes.family(SqlTypeFamily.DATETIME),
                OperandTypes.family(SqlTypeFamily.INTEGER)),
            by("Times.toMillis").time().result(DataType.BIGINT).implementation()));
    all.add(by("TimeFormat", "toDate").text().text().as("TO_DATE", DATE));
    all.add(by("TimeTexts.toDate").text().as("TO_DATE", DATE));
    all.add(by("TimeFormat", "fromUnixTime").buffer().bigint().text().as("FROM_UNIXTIME", TEXT));
    all.add(by("Times.fromUnixTime").buffer().bigint().as("FROM_UNIXTIME", TEXT));
    return all;
  }
}
