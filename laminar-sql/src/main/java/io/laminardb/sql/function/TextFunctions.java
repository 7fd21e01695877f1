package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BOOLEAN;
import static io.laminardb.sql.function.Define.BYTES;
import static io.laminardb.sql.function.Define.INTEGER;
import static io.laminardb.sql.function.Define.TEXT;
import static io.laminardb.sql.function.Define.TEXT_OR_NULL;
import static io.laminardb.sql.function.Define.by;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlTypeFamily;

/** Functions of texts. */
public final class TextFunctions {
  /** {@code s[i]}: the code point at a place. */
  public static final String CHARACTER_AT = "CHARACTER OF TEXT";

  /** {@code s[i:j]}: from place to place. */
  public static final String SLICE = "SLICE OF TEXT";

  private TextFunctions() {}

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    all.add(by("Texts.upper").buffer().text().as("UPPER", TEXT));
    all.add(by("Texts.lower").buffer().text().as("LOWER", TEXT));
    all.add(by("Texts.initcap").buffer().text().as("INITCAP", TEXT));
    for (String name : List.of("CHAR_LENGTH", "CHARACTER_LENGTH", "LENGTH", "LEN")) {
      all.add(by("Texts.length").text().as(name, INTEGER));
    }
    all.add(new ScalarFunction("TYPEOF", ReturnTypes.VARCHAR, OperandTypes.ANY, null));
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
    all.add(by("Regexp", "glob").text().text().as("GLOB", BOOLEAN));
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
    more(all);
    return all;
  }

  private static void more(List<SqlOperator> all) {
    all.add(by("Texts.upper").buffer().text().as("UCASE", TEXT));
    all.add(by("Texts.lower").buffer().text().as("LCASE", TEXT));
    all.add(by("TextParts.characterAt").buffer().text().bigint().as(CHARACTER_AT, TEXT));
    all.add(by("TextParts.slice").buffer().text().bigint().bigint().as(SLICE, TEXT));
    all.add(by("TextParts.bitLength").text().as("BIT_LENGTH", INTEGER));
    for (String name : List.of("UNICODE", "ORD")) {
      all.add(by("TextParts.unicode").text().as(name, INTEGER));
    }
    all.add(by("Texts.position").text().text().as("LOCATE", INTEGER));
    all.add(by("TextParts.position").text().text().integer().as("LOCATE", INTEGER));
    all.add(
        by("TextParts.splitIndex")
            .buffer()
            .nullableResult()
            .text()
            .text()
            .integer()
            .as("SPLIT_INDEX", TEXT_OR_NULL));
    all.add(by("Texts.startsWith").text().text().as("PREFIX", BOOLEAN));
    all.add(by("Texts.endsWith").text().text().as("SUFFIX", BOOLEAN));
    for (String name : List.of("LEVENSHTEIN", "EDITDIST3")) {
      all.add(by("EditDistance", "levenshtein").text().text().as(name, INTEGER));
    }
    for (String name : List.of("HAMMING", "MISMATCHES")) {
      all.add(by("Similarity", "hamming").text().text().as(name, INTEGER));
    }
    all.add(by("Similarity", "damerau").text().text().as("DAMERAU_LEVENSHTEIN", INTEGER));
    all.add(by("Similarity", "jaccard").text().text().as("JACCARD", Define.DOUBLE));
    all.add(by("Similarity", "jaro").text().text().as("JARO_SIMILARITY", Define.DOUBLE));
    all.add(
        by("Similarity", "jaroWinkler").text().text().as("JARO_WINKLER_SIMILARITY", Define.DOUBLE));
    all.add(by("Regexp", "escape").buffer().text().as("REGEXP_ESCAPE", TEXT));
    String arrays = "RegexpArrays(buffer(), buffer())";
    all.add(
        by(arrays, "extractAll")
            .text()
            .text()
            .integer()
            .optional(1)
            .as("REGEXP_EXTRACT_ALL", JsonFunctions::texts));
    all.add(by("Texts.octetLength").text().as("STRLEN", INTEGER));
    all.add(by("Regexp", "matches").text().text().as("REGEXP", BOOLEAN));
    all.add(by("Encodings.stripAccents").buffer().text().as("STRIP_ACCENTS", TEXT));
    all.add(
        new ScalarFunction(
            "HEX",
            TEXT,
            OperandTypes.or(
                OperandTypes.family(SqlTypeFamily.INTEGER),
                OperandTypes.family(SqlTypeFamily.CHARACTER),
                OperandTypes.family(SqlTypeFamily.BINARY)),
            by("Encodings.hex").buffer().bytes().implementation()));
    for (String name : List.of("FROM_HEX", "UNHEX")) {
      all.add(by("Encodings.fromHex").buffer().text().as(name, BYTES));
    }
    for (String name : List.of("TO_BASE64", "BASE64")) {
      all.add(by("Encodings.toBase64").buffer().bytes().as(name, TEXT));
    }
    all.add(by("Encodings.fromBase64").buffer().text().as("FROM_BASE64", BYTES));
    all.add(by("Encodings.bin").buffer().bigint().as("BIN", TEXT));
    all.add(by("Encodings.toBase").buffer().bigint().integer().as("TO_BASE", TEXT));
    all.add(by("Encodings.urlEncode").buffer().text().as("URL_ENCODE", TEXT));
    all.add(by("Encodings.urlDecode").buffer().text().as("URL_DECODE", TEXT));
    all.add(
        by("Encodings.urlPart")
            .buffer()
            .nullableResult()
            .text()
            .text()
            .text()
            .optional(1)
            .as("PARSE_URL", TEXT_OR_NULL));
    all.add(by("Digest", "sha224").buffer().text().as("SHA224", TEXT));
    all.add(by("Digest", "sha384").buffer().text().as("SHA384", TEXT));
    all.add(by("Digest", "sha512").buffer().text().as("SHA512", TEXT));
    all.add(by("Digest", "sha2").buffer().text().integer().as("SHA2", TEXT));
    all.add(by("Regexp", "count").text().text().as("REGEXP_COUNT", INTEGER));
    all.add(by("Regexp", "instr").text().text().as("REGEXP_INSTR", INTEGER));
    all.add(
        by("Regexp", "substr")
            .buffer()
            .nullableResult()
            .text()
            .text()
            .as("REGEXP_SUBSTR", TEXT_OR_NULL));
  }
}
