package io.laminardb.core.batch.text;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON lines. Numbers that JSON has no word for (NaN, Infinity) are written as strings. */
final class JsonRowFormat extends RowFormat {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
  private static final String HEX = "0123456789abcdef";

  private final byte[][] keys;
  private final byte[] weightKey;

  JsonRowFormat(Schema schema) {
    super(schema);
    keys = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      keys[i] = key(names[i], i == 0);
    }
    weightKey = key(WEIGHT_COLUMN, names.length == 0);
  }

  @Override
  public void appendHeader(TextWriter out) {
    // The names stand in every row.
  }

  @Override
  public void appendRow(Batch batch, int row, TextWriter out) {
    out.appendByte('{');
    for (int i = 0; i < columns.length; i++) {
      out.appendUtf8(keys[i]);
      Column column = batch.column(columns[i]);
      if (column.isNull(row)) {
        out.appendUtf8(NULL);
      } else {
        appendJsonValue(column, row, out);
      }
    }
    if (weighted) {
      out.appendUtf8(weightKey).appendLong(batch.weight(row));
    }
    out.appendByte('}').appendByte('\n');
  }

  private void appendJsonValue(Column column, int row, TextWriter out) {
    switch (column.type().kind()) {
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL, ARRAY, MAP, ROW ->
          appendValue(column, row, view, out);
      case REAL, DOUBLE -> {
        boolean finite = Double.isFinite(column.getDouble(row));
        appendValue(column, row, view, finite ? out : out.appendByte('"'));
        if (!finite) {
          out.appendByte('"');
        }
      }
      case VARCHAR -> {
        column.getBytes(row, view);
        appendQuoted(view.address, view.length, out);
      }
      default -> {
        out.appendByte('"');
        appendValue(column, row, view, out);
        out.appendByte('"');
      }
    }
  }

  static void appendQuoted(long address, int length, TextWriter out) {
    out.appendByte('"');
    int plainFrom = 0;
    for (int i = 0; i < length; i++) {
      byte b = Memory.getByte(address + i);
      if ((b >= 0 && b < 0x20) || b == '"' || b == '\\') {
        out.appendBytes(address + plainFrom, i - plainFrom);
        appendEscaped(b, out);
        plainFrom = i + 1;
      }
    }
    out.appendBytes(address + plainFrom, length - plainFrom);
    out.appendByte('"');
  }

  private static void appendEscaped(int c, TextWriter out) {
    out.appendByte('\\');
    switch (c) {
      case '"', '\\' -> out.appendByte(c);
      case '\n' -> out.appendByte('n');
      case '\r' -> out.appendByte('r');
      case '\t' -> out.appendByte('t');
      default ->
          out.appendByte('u')
              .appendByte('0')
              .appendByte('0')
              .appendByte(HEX.charAt(c >> 4))
              .appendByte(HEX.charAt(c & 15));
    }
  }

  private static byte[] key(String name, boolean first) {
    TextWriter key = new TextWriter(32);
    appendKey(name, first, key);
    return Arrays.copyOf(key.bytes(), key.length());
  }

  /** Appends the name of a value with its colon. */
  static void appendKey(String name, boolean first, TextWriter key) {
    key.appendString(first ? "\"" : ",\"");
    appendText(name.getBytes(StandardCharsets.UTF_8), key);
    key.appendString("\":");
  }

  /** Appends UTF-8 with escapes, without quotes. */
  static void appendText(byte[] text, TextWriter out) {
    for (byte b : text) {
      if ((b >= 0 && b < 0x20) || b == '"' || b == '\\') {
        appendEscaped(b, out);
      } else {
        out.appendByte(b);
      }
    }
  }
}
