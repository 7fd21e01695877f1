package io.laminardb.oracle;

import java.util.List;
import java.util.Random;

/** Random scalar expressions that mean the same to us and to DuckDB, and that never fail. */
final class Expressions {
  private final Random random;
  private final List<OracleCase.Column> columns;

  Expressions(Random random, List<OracleCase.Column> columns) {
    this.random = random;
    this.columns = columns;
  }

  String any(int depth) {
    return switch (random.nextInt(6)) {
      case 5 -> decimal(depth);
      case 0 -> integer(depth);
      case 1 -> real(depth);
      case 2 -> text(depth);
      case 3 -> condition(depth);
      default -> columns.get(random.nextInt(columns.size())).name();
    };
  }

  String condition(int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      String left = condition(depth - 1);
      return switch (random.nextInt(3)) {
        case 0 -> "(" + left + " AND " + condition(depth - 1) + ")";
        case 1 -> "(" + left + " OR " + condition(depth - 1) + ")";
        default -> "(NOT " + left + ")";
      };
    }
    return switch (random.nextInt(14)) {
      case 11 -> "(" + decimal(depth - 1) + comparison() + decimal(depth - 1) + ")";
      case 12 ->
          pick(
              "(" + decimal(depth - 1) + comparison() + integer(depth - 1) + ")",
              "(" + decimal(depth - 1) + comparison() + real(depth - 1) + ")",
              "(" + decimal(depth - 1) + " IN (1.5, 0.00, 3))",
              "(" + decimal(depth - 1) + " NOT BETWEEN -1.255 AND 2)");
      case 13 ->
          pick(
              "(y" + comparison() + "DATE '2024-02-29')",
              "(y + INTERVAL '1' DAY" + comparison() + "DATE '2024-03-01')",
              "(EXTRACT(MONTH FROM y) = 2)",
              "(EXTRACT(DAY FROM z) IN (27, 28))",
              "(z" + comparison() + "z)");
      case 9 -> pick("STARTS_WITH(", "ENDS_WITH(") + text(depth - 1) + ", " + text(depth - 1) + ")";
      case 10 ->
          "REGEXP_MATCHES(" + text(depth - 1) + ", '" + pick("l+", "^[a-m]", "[^0-9]$") + "')";
      case 0 -> "(" + integer(depth - 1) + comparison() + integer(depth - 1) + ")";
      case 1 -> "(" + real(depth - 1) + comparison() + real(depth - 1) + ")";
      case 2 -> "(" + text(depth - 1) + comparison() + text(depth - 1) + ")";
      case 3 ->
          "("
              + columns.get(random.nextInt(columns.size())).name()
              + " IS "
              + pick("", "NOT ")
              + "NULL)";
      case 4 -> "(" + integer(depth - 1) + pick(" ", " NOT ") + "IN (1, 2, 3, 50))";
      case 5 -> "(" + integer(depth - 1) + pick(" ", " NOT ") + "BETWEEN -20 AND 20)";
      case 6 ->
          "("
              + pick("k", "s")
              + pick(" ", " NOT ")
              + "LIKE '"
              + pick("%o%", "a%", "_", "%", "H_llo%")
              + "')";
      case 7 ->
          "(" + pick("i", "s", "b", "g") + " IS NOT DISTINCT FROM " + pick("NULL", "NULL") + ")";
      default -> "b";
    };
  }

  String integer(int depth) {
    if (depth <= 0) {
      return pick("i", "g", "n % 1000", Integer.toString(random.nextInt(100) - 50));
    }
    String a = integer(depth - 1);
    return switch (random.nextInt(13)) {
      case 12 -> "CAST(EXTRACT(" + pick("DAY", "DOY", "YEAR") + " FROM y) AS INTEGER)";
      case 8 -> "GCD(" + a + ", " + integer(depth - 1) + ")";
      case 9 -> "XOR(CAST(" + a + " AS BIGINT), CAST(" + integer(depth - 1) + " AS BIGINT))";
      case 10 -> "STRPOS(" + text(depth - 1) + ", " + text(depth - 1) + ")";
      case 11 -> "BIT_LENGTH(" + text(depth - 1) + ")";
      case 0 -> "(" + a + " + " + integer(depth - 1) + ")";
      case 1 -> "(" + a + " - " + integer(depth - 1) + ")";
      case 2 -> "(" + a + " * " + (random.nextInt(20) - 10) + ")";
      case 3 ->
          "(CASE WHEN "
              + condition(depth - 1)
              + " THEN "
              + a
              + " ELSE "
              + integer(depth - 1)
              + " END)";
      case 4 -> "COALESCE(" + a + ", " + integer(depth - 1) + ")";
      case 5 -> "ABS(" + a + ")";
      case 6 -> "CHAR_LENGTH(" + text(depth - 1) + ")";
      default -> "NULLIF(" + a + ", " + (random.nextInt(5) - 2) + ")";
    };
  }

  String real(int depth) {
    if (depth <= 0) {
      return pick("d", "CAST(i AS DOUBLE)", "d * 2", "CAST(0.5 AS DOUBLE)");
    }
    String a = real(depth - 1);
    return switch (random.nextInt(7)) {
      case 6 -> "CAST(" + decimal(depth - 1) + " AS DOUBLE)";
      case 0 -> "(" + a + " + " + real(depth - 1) + ")";
      case 1 -> "(" + a + " * CAST(" + integer(depth - 1) + " AS DOUBLE))";
      case 2 -> "FLOOR(" + a + ")";
      case 3 -> "CEIL(" + a + ")";
      case 4 ->
          "(CASE WHEN "
              + condition(depth - 1)
              + " THEN "
              + a
              + " ELSE "
              + real(depth - 1)
              + " END)";
      default -> "ABS(" + a + ")";
    };
  }

  String decimal(int depth) {
    if (depth <= 0) {
      return pick("m", "m", "CAST(i AS DECIMAL(12, 2))", "1.25", "-0.5", "0.00");
    }
    String a = decimal(depth - 1);
    return switch (random.nextInt(10)) {
      case 0 -> "(" + a + " + " + decimal(depth - 1) + ")";
      case 1 -> "(" + a + " - " + decimal(depth - 1) + ")";
      case 2 -> "(" + a + " * " + pick("2", "-0.25", "i") + ")";
      case 3 ->
          "(CASE WHEN "
              + condition(depth - 1)
              + " THEN "
              + a
              + " ELSE "
              + decimal(depth - 1)
              + " END)";
      case 4 -> "COALESCE(" + a + ", " + decimal(depth - 1) + ")";
      case 5 -> "ABS(" + a + ")";
      case 6 -> "(- " + a + ")";
      case 7 -> "NULLIF(" + a + ", " + pick("0", "1.25", "m") + ")";
      case 8 -> "CAST(" + a + " AS DECIMAL(24, " + pick("1", "4") + "))";
      default -> pick("GREATEST", "LEAST") + "(" + a + ", " + decimal(depth - 1) + ")";
    };
  }

  String text(int depth) {
    if (depth <= 0) {
      return pick("k", "s", "'a'", "'Hello'", "''");
    }
    String a = text(depth - 1);
    return switch (random.nextInt(18)) {
      case 17 -> "CAST(" + pick("m", "y", "m + 0.5") + " AS VARCHAR)";
      case 8 -> "REVERSE(" + a + ")";
      case 9 -> pick("LEFT(", "RIGHT(") + a + ", " + (random.nextInt(6) - 2) + ")";
      case 10 -> "REPEAT(" + a + ", 2)";
      case 11 -> "SPLIT_PART(" + a + ", 'l', " + pick("1", "2", "-1") + ")";
      case 12 -> pick("LPAD(", "RPAD(") + a + ", 6, '*+')";
      case 13 -> "HEX(" + a + ")";
      case 14 -> "REGEXP_REPLACE(" + a + ", '[aeiou]', '<\\0>', 'g')";
      case 15 -> "TRANSLATE(" + a + ", 'lo', '0')";
      case 16 ->
          "json_extract_string('[1, {\"a\": ' || CAST("
              + integer(depth - 1)
              + " AS VARCHAR) || '}]', '$[1].a')";
      case 0 -> "UPPER(" + a + ")";
      case 1 -> "LOWER(" + a + ")";
      case 2 -> "(" + a + " || " + text(depth - 1) + ")";
      case 3 -> "SUBSTRING(" + a + ", " + (1 + random.nextInt(3)) + ", " + random.nextInt(4) + ")";
      case 4 -> "REPLACE(" + a + ", 'o', '0')";
      case 5 -> "TRIM(" + a + ")";
      case 6 -> "COALESCE(" + a + ", " + text(depth - 1) + ")";
      default -> "CAST(" + integer(depth - 1) + " AS VARCHAR)";
    };
  }

  private String comparison() {
    return " " + pick("=", "<>", "<", "<=", ">", ">=") + " ";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
