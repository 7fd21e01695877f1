package io.laminardb.script;

import io.laminardb.Row;
import io.laminardb.acceptance.Json;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values of test scripts and acceptance cases: text to Java, and comparison as rows compare. */
public final class Values {
  private static final Pattern TIME_OF_DAY = Pattern.compile("\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d+)?)?");

  private Values() {}

  /** The value a token means in a column of this type; null for NULL. */
  public static Object parse(String token, DataType type) {
    boolean quoted = token.startsWith("'");
    String text = quoted ? token.substring(1) : token;
    if (!quoted && text.equalsIgnoreCase("NULL")) {
      return null;
    }
    return switch (type.kind()) {
      case BOOLEAN ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t" -> true;
            case "false", "f" -> false;
            default -> throw new IllegalArgumentException("not a BOOLEAN: " + text);
          };
      case TINYINT, SMALLINT, INTEGER -> Integer.parseInt(text);
      case BIGINT -> parseLong(text);
      case REAL, DOUBLE -> parseDouble(text);
      case DECIMAL -> new BigDecimal(text);
      case VARCHAR -> text;
      case VARBINARY -> HexFormat.of().parseHex(text);
      case DATE -> LocalDate.parse(text);
      case TIME -> LocalTime.parse(pad(text));
      case TIMESTAMP -> parseTimestamp(text);
      case TIMESTAMP_LTZ -> parseTimestamp(text).toInstant(ZoneOffset.UTC);
      case ARRAY, MAP, ROW -> nested(Json.of(text), type);
    };
  }

  /** A nested value of JSON; a ROW is a Map by the names of its fields. */
  public static Object nested(Object json, DataType type) {
    if (json == null) {
      return null;
    }
    return switch (type.kind()) {
      case ARRAY -> {
        List<Object> elements = new ArrayList<>();
        for (Object element : (List<?>) json) {
          elements.add(nested(element, type.element()));
        }
        yield elements;
      }
      case MAP -> {
        Map<Object, Object> entries = new LinkedHashMap<>();
        ((Map<?, ?>) json)
            .forEach(
                (key, value) ->
                    entries.put(nested(key, type.element()), nested(value, type.mapValue())));
        yield entries;
      }
      case ROW -> {
        Map<Object, Object> fields = new LinkedHashMap<>();
        for (Field field : type.children()) {
          fields.put(field.name(), nested(((Map<?, ?>) json).get(field.name()), field.type()));
        }
        yield fields;
      }
      case REAL -> Float.parseFloat(json.toString());
      default -> parse("'" + json, type);
    };
  }

  /** A value of a row as scripts write it: a ROW as a Map. */
  static Object written(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Values::written).collect(Collectors.toList());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      map.forEach((key, entry) -> entries.put(written(key), written(entry)));
      return entries;
    }
    if (value instanceof Row row) {
      Map<Object, Object> fields = new LinkedHashMap<>();
      for (Field field : row.columns()) {
        fields.put(field.name(), written(row.getObject(field.name())));
      }
      return fields;
    }
    return value;
  }

  private static Double parseDouble(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static Long parseLong(String text) {
    if (TIME_OF_DAY.matcher(text).matches()) {
      return LocalTime.parse(pad(text)).toNanoOfDay() / 1_000_000;
    }
    if (text.length() > 10 && text.charAt(4) == '-') {
      return parseTimestamp(text).toInstant(ZoneOffset.UTC).toEpochMilli();
    }
    return Long.parseLong(text);
  }

  /** A timestamp in ISO form, with a blank or T, or a time of day on 1970-01-01. */
  public static LocalDateTime parseTimestamp(String text) {
    if (TIME_OF_DAY.matcher(text).matches()) {
      return LocalDate.EPOCH.atTime(LocalTime.parse(pad(text)));
    }
    if (text.length() == 10) {
      return LocalDate.parse(text).atStartOfDay();
    }
    return LocalDateTime.parse(text.replace(' ', 'T'));
  }

  private static String pad(String time) {
    return time.indexOf(':') == 1 ? "0" + time : time;
  }

  /** Whether two values count as the same: numbers numerically, to 1e-9. */
  public static boolean same(Object expected, Object actual) {
    if (expected == null || actual == null) {
      return expected == actual;
    }
    if (expected instanceof BigDecimal e && actual instanceof BigDecimal a) {
      return e.compareTo(a) == 0;
    }
    if (expected instanceof Number e && actual instanceof Number a) {
      if (isInteger(e) && isInteger(a)) {
        return e.longValue() == a.longValue();
      }
      double x = e.doubleValue();
      double y = a.doubleValue();
      double scale = Math.max(Math.abs(x), Math.abs(y));
      return Double.compare(x, y) == 0
          || x == y
          || Double.isFinite(scale) && Math.abs(x - y) <= Math.max(1e-12, 1e-9 * scale);
    }
    if (expected instanceof byte[] e && actual instanceof byte[] a) {
      return java.util.Arrays.equals(e, a);
    }
    return expected.equals(actual);
  }

  private static boolean isInteger(Number number) {
    return number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte;
  }
}
