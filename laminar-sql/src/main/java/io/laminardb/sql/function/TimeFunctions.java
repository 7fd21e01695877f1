package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BIGINT;
import static io.laminardb.sql.function.Define.DATE;
import static io.laminardb.sql.function.Define.TEXT;
import static io.laminardb.sql.function.Define.TIMESTAMP;
import static io.laminardb.sql.function.Define.by;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;
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
      {"NANOSECOND", "nanosecond"},
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
    all.add(new StatementFunction("TODAY", ReturnTypes.explicit(SqlTypeName.DATE), true));
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
    for (String name : List.of("DATEDIFF", "DATE_DIFF")) {
      all.add(
          by("TimeUnit", "between").text().time().time().result(DataType.BIGINT).as(name, BIGINT));
    }
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
        by("TimeFormat", "tryStrptime")
            .text()
            .text()
            .result(DataType.timestamp(3))
            .as("TRY_STRPTIME", TIMESTAMP.andThen(SqlTypeTransforms.FORCE_NULLABLE)));
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
    all.add(by("Times.toMicros").time().result(DataType.BIGINT).as("EPOCH_US", BIGINT));
    all.add(by("Times.toNanos").time().result(DataType.BIGINT).as("EPOCH_NS", BIGINT));
    all.add(
        new ScalarFunction(
            "UNIX_TIMESTAMP",
            BIGINT,
            OperandTypes.or(
                OperandTypes.family(SqlTypeFamily.DATETIME),
                OperandTypes.family(SqlTypeFamily.CHARACTER)),
            by("Times.epoch").time().result(DataType.BIGINT).implementation()));
    all.add(by("TimeFormat", "unixTime").text().text().as("UNIX_TIMESTAMP", BIGINT));
    all.add(by("Times.dow").time().result(DataType.BIGINT).as("WEEKDAY", BIGINT));
    all.add(
        by("Times.toTimestampLtz")
            .bigint()
            .integer()
            .as(
                "TO_TIMESTAMP_LTZ",
                Define.nullable(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, 3)));
    all.add(
        by("Times.makeTime")
            .integer()
            .integer()
            .doubles()
            .as("MAKE_TIME", Define.nullable(SqlTypeName.TIME, 6)));
    all.add(
        by("Times.makeTimestamp")
            .bigint()
            .integer()
            .integer()
            .integer()
            .integer()
            .doubles()
            .as("MAKE_TIMESTAMP", Define.nullable(SqlTypeName.TIMESTAMP, 6)));
    all.add(
        new ScalarFunction( // validation makes it the start of a window
            "TIME_BUCKET",
            ReturnTypes.ARG1_NULLABLE,
            OperandTypes.family(SqlTypeFamily.DATETIME_INTERVAL, SqlTypeFamily.DATETIME),
            null));
    all.add(Functions.TIMEZONE);
    all.add(by("TimeFormat", "toDate").text().text().as("TO_DATE", DATE));
    all.add(by("TimeTexts.toDate").text().as("TO_DATE", DATE));
    all.add(by("TimeFormat", "fromUnixTime").buffer().bigint().text().as("FROM_UNIXTIME", TEXT));
    all.add(by("Times.fromUnixTime").buffer().bigint().as("FROM_UNIXTIME", TEXT));
    return all;
  }

  static SqlOperator timeZone() {
    return new ScalarFunction(
        "TIMEZONE",
        TimeFunctions::inZone,
        OperandTypes.family(SqlTypeFamily.CHARACTER, SqlTypeFamily.DATETIME),
        null);
  }

  /** A clock time becomes an instant, an instant a clock time. */
  private static RelDataType inZone(SqlOperatorBinding call) {
    RelDataType time = call.getOperandType(1);
    RelDataTypeFactory types = call.getTypeFactory();
    boolean instant = time.getSqlTypeName() == SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE;
    if (time.getSqlTypeName() == SqlTypeName.TIME) {
      throw new LaminarException(ErrorCode.TYPE_MISMATCH, "a TIME alone is in no time zone.")
          .mend("Use a TIMESTAMP.");
    }
    boolean day = time.getSqlTypeName() == SqlTypeName.DATE;
    RelDataType type =
        types.createSqlType(
            instant ? SqlTypeName.TIMESTAMP : SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE,
            day ? 3 : time.getPrecision());
    return types.createTypeWithNullability(
        type, time.isNullable() || call.getOperandType(0).isNullable());
  }
}
