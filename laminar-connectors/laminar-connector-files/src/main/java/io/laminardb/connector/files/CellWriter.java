package io.laminardb.connector.files;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Lengths;
import io.laminardb.core.batch.text.NestedParser;
import io.laminardb.core.batch.text.TextParser;
import io.laminardb.core.memory.Utf8;

/** Reads the text of one cell into a column, by the column's type. One thread; closed by its owner. */
final class CellWriter implements AutoCloseable {
  private final TimestampText timestamps;
  private final TextParser parser = new TextParser();
  private NestedParser nested; // made when a column needs it
  private byte[] binary = new byte[64];

  CellWriter(TimestampText timestamps) {
    this.timestamps = timestamps;
  }

  /**
   * Writes row {@code row} of {@code column}; answers false, having written nothing, if the text is
   * no value of that type. Blanks around anything but text are ignored.
   */
  boolean write(byte[] bytes, int from, int to, Column column, int row) {
    DataType type = column.type();
    if (type.kind() == DataType.Kind.VARCHAR) {
      if (!isUtf8(bytes, from, to) || !Lengths.fits(type, bytes, from, to - from)) {
        return false;
      }
      column.putBytes(row, bytes, from, to - from);
      return true;
    }
    int first = from;
    int end = to;
    while (first < end && (bytes[first] == ' ' || bytes[first] == '\t')) {
      first++;
    }
    while (end > first && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
      end--;
    }
    return writeTrimmed(bytes, first, end, column, type, row);
  }

  private boolean writeTrimmed(
      byte[] bytes, int from, int to, Column column, DataType type, int row) {
    switch (type.kind()) {
      case REAL, DOUBLE -> {
        if (parser.parseDouble(bytes, from, to)) {
          column.putDouble(row, parser.doubleValue);
          return true;
        }
        return false;
      }
      case DECIMAL -> {
        if (parser.parseDecimal(bytes, from, to, type)) {
          column.putDecimal(row, parser.decimalLow, parser.decimalHigh);
          return true;
        }
        return false;
      }
      case ARRAY, MAP, ROW -> {
        return writeNested(bytes, from, to, column, row);
      }
      case VARBINARY -> {
        return writeHex(bytes, from, to, column, row);
      }
      default -> {
        if (parseLong(bytes, from, to, type)) {
          column.putLong(row, parser.longValue);
          return true;
        }
        return false;
      }
    }
  }

  private boolean writeNested(byte[] bytes, int from, int to, Column column, int row) {
    if (nested == null) {
      nested = new NestedParser(column.dataBuffer().getReferenceManager().getAllocator());
    }
    Utf8 value = isUtf8(bytes, from, to) ? nested.parse(column.type(), bytes, from, to) : null;
    if (value != null) {
      column.putBytes(row, value.address, value.length);
    }
    return value != null;
  }

  private boolean parseLong(byte[] bytes, int from, int to, DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> parser.parseBoolean(bytes, from, to);
      case BIGINT ->
          parser.parseLong(bytes, from, to)
              || (to - from > 5 && timestamps.parse(bytes, from, to, type, parser));
      case DATE -> parser.parseDate(bytes, from, to);
      case TIME -> parser.parseTime(bytes, from, to);
      case TIMESTAMP, TIMESTAMP_LTZ -> timestamps.parse(bytes, from, to, type, parser);
      default -> parser.parseInteger(bytes, from, to, type);
    };
  }

  private boolean writeHex(byte[] bytes, int from, int to, Column column, int row) {
    int length = (to - from) / 2;
    if ((to - from) % 2 != 0) {
      return false;
    }
    if (binary.length < length) {
      binary = new byte[length * 2];
    }
    for (int i = 0; i < length; i++) {
      int high = Character.digit(bytes[from + 2 * i], 16);
      int low = Character.digit(bytes[from + 2 * i + 1], 16);
      if (high < 0 || low < 0) {
        return false;
      }
      binary[i] = (byte) (high << 4 | low);
    }
    if (!Lengths.fits(column.type(), binary, 0, length)) {
      return false;
    }
    column.putBytes(row, binary, 0, length);
    return true;
  }

  @Override
  public void close() {
    if (nested != null) {
      nested.close();
      nested = null;
    }
  }

  /** Whether the bytes are UTF-8: no stray, missing, overlong or surrogate sequences. */
  static boolean isUtf8(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      int lead = bytes[i++];
      if (lead >= 0) {
        continue;
      }
      int more = lead >= -16 ? 3 : lead >= -32 ? 2 : 1;
      if (lead < -62 || lead > -12 || i + more > to) {
        return false; // a continuation or an overlong lead first; beyond U+10FFFF; cut off
      }
      int second = bytes[i] & 0xff;
      boolean allowed =
          switch (lead & 0xff) {
            case 0xe0 -> second >= 0xa0;
            case 0xed -> second < 0xa0;
            case 0xf0 -> second >= 0x90;
            case 0xf4 -> second < 0x90;
            default -> true;
          };
      if (!allowed) {
        return false;
      }
      for (; more > 0; more--) {
        if ((bytes[i++] & 0xc0) != 0x80) {
          return false;
        }
      }
    }
    return true;
  }
}
