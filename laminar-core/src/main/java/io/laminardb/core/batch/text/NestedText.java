package io.laminardb.core.batch.text;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.memory.Utf8;
import java.nio.charset.StandardCharsets;

/**
 * ARRAY, MAP and ROW as JSON text: arrays, and objects by the text of the key or by the field's name.
 * The same text everywhere: cast to VARCHAR, in JSON lines, in CSV, on a console.
 */
public final class NestedText {
  private NestedText() {}

  /** The text of a value. */
  public static String of(DataType type, Utf8 value) {
    TextWriter out = new TextWriter(64);
    append(type, value, out);
    return new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
  }

  /** Appends a value. */
  public static void append(DataType type, Utf8 value, TextWriter out) {
    appendItems(type, value.address, out);
  }

  /** Appends what is behind a mark; returns the address behind it. */
  private static long appendItems(DataType type, long address, TextWriter out) {
    long at = address;
    boolean first = true;
    switch (type.kind()) {
      case ARRAY -> {
        out.appendByte('[');
        for (; !NestedBytes.isEnd(at); first = false) {
          at = appendItem(type.element(), at, comma(first, out));
        }
        out.appendByte(']');
        return at + 1;
      }
      case MAP -> {
        out.appendByte('{');
        for (; !NestedBytes.isEnd(at); first = false) {
          at = appendKey(type.element(), at, comma(first, out));
          at = appendItem(type.mapValue(), at, out.appendByte(':'));
        }
        out.appendByte('}');
        return at + 1;
      }
      default -> {
        out.appendByte('{');
        for (int i = 0; i < type.children().size(); i++) {
          JsonRowFormat.appendKey(type.children().get(i).name(), i == 0, out);
          at = appendItem(type.children().get(i).type(), at, out);
        }
        out.appendByte('}');
        return at;
      }
    }
  }

  private static TextWriter comma(boolean first, TextWriter out) {
    return first ? out : out.appendByte(',');
  }

  private static long appendKey(DataType type, long item, TextWriter out) {
    int start = out.length();
    long next = appendItem(type, item, out);
    if (type.isNested()) {
      byte[] text = java.util.Arrays.copyOfRange(out.bytes(), start, out.length());
      out.truncate(start);
      JsonRowFormat.appendText(text, out.appendByte('"'));
      out.appendByte('"');
    } else if (out.bytes()[start] != '"') {
      out.quoteFrom(start, 0, (byte) '"');
    }
    return next;
  }

  private static long appendItem(DataType type, long item, TextWriter out) {
    if (NestedBytes.isNull(item)) {
      out.appendString("null");
      return NestedBytes.afterItem(type, item);
    }
    if (type.isNested()) {
      return appendItems(type, item + 1, out);
    }
    switch (type.kind()) {
      case BOOLEAN -> out.appendBoolean(NestedCodec.getBoolean(item));
      case TINYINT, SMALLINT, INTEGER, BIGINT -> out.appendLong(number(type, item));
      case REAL -> appendNumber(NestedCodec.getFloat(item), true, out);
      case DOUBLE -> appendNumber(NestedCodec.getDouble(item), false, out);
      case DECIMAL ->
          out.appendDecimal(
              NestedCodec.getDecimalLow(item), NestedCodec.getDecimalHigh(item), type.scale());
      case VARCHAR, VARBINARY -> appendText(type, item, out);
      case DATE -> out.appendByte('"').appendDate(number(type, item)).appendByte('"');
      case TIME ->
          out.appendByte('"').appendTime(number(type, item), type.precision()).appendByte('"');
      default -> out.appendByte('"').appendTimestamp(number(type, item), type, 'T').appendByte('"');
    }
    return NestedBytes.afterItem(type, item);
  }

  private static long number(DataType type, long item) {
    return NestedCodec.getLong(item, type.kind().width());
  }

  private static void appendNumber(double value, boolean single, TextWriter out) {
    boolean finite = Double.isFinite(value);
    if (!finite) {
      out.appendByte('"');
    }
    if (single) {
      out.appendFloat((float) value);
    } else {
      out.appendDouble(value);
    }
    if (!finite) {
      out.appendByte('"');
    }
  }

  private static void appendText(DataType type, long item, TextWriter out) {
    byte[] text = NestedCodec.getBytes(item);
    out.appendByte('"');
    if (type.kind() == DataType.Kind.VARCHAR) {
      JsonRowFormat.appendText(text, out);
    } else {
      out.appendHex(text);
    }
    out.appendByte('"');
  }
}
