package io.laminardb.sql.validate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUnknownLiteral;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Times that are written out, such as {@code TIMESTAMP '2026-01-05T09:00Z'}. Calcite wants a blank in
 * front of the time of day, its seconds, and no offset; a literal of another form that a cast reads
 * is a cast of its text.
 */
final class TimeLiterals {
  private static final String TIME =
      "\\d{1,2}:\\d{2}(?<seconds>:\\d{2}(?:\\.(?<fraction>\\d{1,9}))?)?";
  private static final Pattern TIME_OF_DAY = Pattern.compile(TIME);
  private static final Pattern MOMENT =
      Pattern.compile(
          "\\d{4}-\\d{1,2}-\\d{1,2}(?<blank>[ T])"
              + TIME
              + "(?<offset> ?(?:Z|UTC|[+-]\\d{2}(?::?\\d{2})?))?");

  private TimeLiterals() {}

  /** The literal, or what reads its text. */
  static SqlNode plain(SqlLiteral literal) {
    if (!(literal instanceof SqlUnknownLiteral unknown)) {
      return literal;
    }
    return switch (unknown.tag) {
      case "TIME" -> {
        Matcher text = TIME_OF_DAY.matcher(unknown.getValue());
        yield text.matches() && text.group("seconds") == null
            ? cast(unknown, SqlTypeName.TIME, text)
            : literal;
      }
      case "TIMESTAMP" -> moment(unknown, SqlTypeName.TIMESTAMP);
      case "TIMESTAMP WITH LOCAL TIME ZONE" ->
          moment(unknown, SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE);
      default -> literal;
    };
  }

  private static SqlNode moment(SqlUnknownLiteral literal, SqlTypeName type) {
    Matcher text = MOMENT.matcher(literal.getValue());
    return text.matches()
            && (text.group("seconds") == null
                || text.group("offset") != null
                || text.group("blank").equals("T"))
        ? cast(literal, type, text)
        : literal;
  }

  /** With as many digits of a second as the text has. */
  private static SqlNode cast(SqlUnknownLiteral literal, SqlTypeName type, Matcher text) {
    SqlParserPos position = literal.getParserPosition();
    int precision = text.group("fraction") == null ? 0 : text.group("fraction").length();
    return SqlStdOperatorTable.CAST.createCall(
        position,
        SqlLiteral.createCharString(literal.getValue(), position),
        new SqlDataTypeSpec(new SqlBasicTypeNameSpec(type, precision, position), position));
  }
}
