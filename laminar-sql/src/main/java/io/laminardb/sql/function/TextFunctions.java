package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BOOLEAN;
import static io.laminardb.sql.function.Define.INTEGER;
import static io.laminardb.sql.function.Define.TEXT;
import static io.laminardb.sql.function.Define.by;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlOperator;

/** Functions of texts. */
final class TextFunctions {
  private TextFunctions() {}

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    all.add(by("Texts.upper").buffer().text().as("UPPER", TEXT));
    all.add(by("Texts.lower").buffer().text().as("LOWER", TEXT));
    all.add(by("Texts.initcap").buffer().text().as("INITCAP", TEXT));
    for (String name : List.of("LENGTH", "LEN", "CHAR_LENGTH", "CHARACTER_LENGTH")) {
      all.add(by("Texts.length").text().as(name, INTEGER));
    }
    all.add(by("Texts.octetLength").text().as("OCTET_LENGTH", INTEGER));
    all.add(
        by("Texts.substring").buffer().text().integer().integer().optional(1).as("SUBSTR", TEXT));
    all.add(by("Texts.left").buffer().text().integer().as("LEFT", TEXT));
    all.add(by("Texts.right").buffer().text().integer().as("RIGHT", TEXT));
    for (String name : List.of("TRIM", "BTRIM")) {
      all.add(by("Texts.trim").buffer().text().text().optional(1).as(name, TEXT));
    }
    all.add(by("Texts.leftTrim").buffer().text().text().optional(1).as("LTRIM", TEXT));
    all.add(by("Texts.rightTrim").buffer().text().text().optional(1).as("RTRIM", TEXT));
    all.add(by("Texts.leftPad").buffer().text().integer().text().optional(1).as("LPAD", TEXT));
    all.add(by("Texts.rightPad").buffer().text().integer().text().optional(1).as("RPAD", TEXT));
    all.add(by("Texts.strpos").text().text().as("STRPOS", INTEGER));
    all.add(by("Texts.strpos").text().text().as("INSTR", INTEGER));
    all.add(by("Texts.replace").buffer().text().text().text().as("REPLACE", TEXT));
    for (String name : List.of("TRANSLATE", "TRANSLATE3")) { // the parser's name for it
      all.add(by("Texts.translate").buffer().text().text().text().as(name, TEXT));
    }
    all.add(by("Texts.reverse").buffer().text().as("REVERSE", TEXT));
    all.add(by("Texts.repeat").buffer().text().bigint().as("REPEAT", TEXT));
    all.add(by("Texts.splitPart").buffer().text().text().integer().as("SPLIT_PART", TEXT));
    all.add(by("Texts.startsWith").text().text().as("STARTS_WITH", BOOLEAN));
    all.add(by("Texts.endsWith").text().text().as("ENDS_WITH", BOOLEAN));
    all.add(by("Texts.contains").text().text().as("CONTAINS", BOOLEAN));
    all.add(by("Texts.ascii").text().as("ASCII", INTEGER));
    all.add(by("Texts.chr").buffer().integer().as("CHR", TEXT));
    all.add(by("Texts.toHex").buffer().bigint().as("TO_HEX", TEXT));
    all.add(by("Digest", "md5").buffer().text().as("MD5", TEXT));
    all.add(by("Digest", "sha1").buffer().text().as("SHA1", TEXT));
    all.add(by("Digest", "sha256").buffer().text().as("SHA256", TEXT));
    for (String name : List.of("REGEXP_MATCHES", "REGEXP_LIKE")) {
      all.add(by("Regexp", "matches").text().text().text().optional(1).as(name, BOOLEAN));
    }
    all.add(by("Regexp", "fullMatch").text().text().as("REGEXP_FULL_MATCH", BOOLEAN));
    all.add(
        by("Regexp", "extract")
            .buffer()
            .text()
            .text()
            .integer()
            .optional(1)
            .as("REGEXP_EXTRACT", TEXT));
    all.add(
        by("Regexp", "replace")
            .buffer()
            .text()
            .text()
            .text()
            .text()
            .optional(1)
            .as("REGEXP_REPLACE", TEXT));
    return all;
  }
}
