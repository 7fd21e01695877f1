package io.laminardb.core.batch.text;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.nested.NestedMaps;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads nested values from the JSON text that {@link NestedText} writes. Fields of a ROW may come in
 * any order; those that are missing are NULL, others are left out. One thread; the owner closes it.
 */
public final class NestedParser implements AutoCloseable {
  private static final int DEEPEST = 100;

  private final TextParser scalars = new TextParser();
  private final NestedWriter out;
  private final Utf8Buffer text;
  private byte[] copied = new byte[64];
  private byte[] bytes;
  private int at;
  private int end;
  private int depth;

  public NestedParser(BufferAllocator allocator) {
    this(new Utf8Buffer(allocator), new Utf8Buffer(allocator));
  }

  /** One that writes into buffers, which are closed with it. */
  public NestedParser(Utf8Buffer buffer, Utf8Buffer textBuffer) {
    this.out = new NestedWriter(buffer);
    this.text = textBuffer;
  }

  /** The bytes of the value, valid until the next call; null where the text is none of the type. */
  public Utf8 parse(DataType type, Utf8 json) {
    if (copied.length < json.length) {
      copied = new byte[json.length * 2];
    }
    Memory.copyToHeap(json.address, copied, 0, json.length);
    return parse(type, copied, 0, json.length);
  }

  /** As the other one, of bytes on the heap. */
  public Utf8 parse(DataType type, byte[] json, int from, int to) {
    bytes = json;
    at = from;
    end = to;
    depth = 0;
    out.start();
    try {
      boolean read = nested(type) && next() < 0;
      return read ? out.result() : null;
    } catch (LaminarException twice) { // a key of a MAP
      return null;
    }
  }

  /** The next byte that is not blank; -1 at the end. */
  private int next() {
    while (at < end
        && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')) {
      at++;
    }
    return at < end ? bytes[at] & 0xff : -1;
  }

  private boolean take(int expected) {
    if (next() != expected) {
      return false;
    }
    at++;
    return true;
  }

  private boolean nested(DataType type) {
    if (++depth > DEEPEST) {
      return false;
    }
    boolean read =
        switch (type.kind()) {
          case ARRAY -> array(type);
          case MAP -> map(type);
          default -> row(type);
        };
    depth--;
    return read;
  }

  private boolean array(DataType type) {
    if (!take('[')) {
      return false;
    }
    if (!take(']')) {
      do {
        if (!item(type.element())) {
          return false;
        }
      } while (take(','));
      if (!take(']')) {
        return false;
      }
    }
    out.mark(NestedWriter.END);
    return true;
  }

  private boolean map(DataType type) {
    int start = out.length();
    if (!take('{')) {
      return false;
    }
    if (!take('}')) {
      do {
        if (next() != '"' || !string(type.element()) || !take(':') || !item(type.mapValue())) {
          return false;
        }
      } while (take(','));
      if (!take('}')) {
        return false;
      }
    }
    NestedMaps.finish(type, out, start, NestedMaps.Duplicates.REFUSED);
    return true;
  }

  private boolean row(DataType type) {
    List<Field> fields = type.children();
    int[] starts = new int[fields.size()];
    int[] ends = new int[fields.size()];
    int start = out.length();
    if (!take('{')) {
      return false;
    }
    if (!take('}')) {
      do {
        if (next() != '"' || !unquote() || !field(fields, starts, ends)) {
          return false;
        }
      } while (take(','));
      if (!take('}')) {
        return false;
      }
    }
    arrange(fields, start, starts, ends);
    return true;
  }

  /** Brings fields that came in any order into that of the type. */
  private void arrange(List<Field> fields, int start, int[] starts, int[] ends) {
    int written = out.length() - start;
    byte[] copy = new byte[written];
    Memory.copyToHeap(out.address() + start, copy, 0, written);
    out.truncate(start);
    for (int i = 0; i < fields.size(); i++) {
      if (ends[i] == 0) {
        out.putNull(fields.get(i).type());
      } else {
        out.append(copy, starts[i] - start, ends[i] - starts[i]);
      }
    }
  }

  /** Reads the value of the field whose name is in {@link #text}. */
  private boolean field(List<Field> fields, int[] starts, int[] ends) {
    String name = text.toString();
    if (!take(':')) {
      return false;
    }
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equalsIgnoreCase(name)) {
        starts[i] = out.length();
        boolean read = ends[i] == 0 && item(fields.get(i).type());
        ends[i] = out.length();
        return read;
      }
    }
    return skip();
  }

  /** Skips a value that nobody wants. */
  private boolean skip() {
    int open = 0;
    do {
      int first = next();
      if (first < 0) {
        return false;
      }
      if (first == '"') {
        if (!unquote()) {
          return false;
        }
      } else {
        open += first == '{' || first == '[' ? 1 : first == '}' || first == ']' ? -1 : 0;
        if (open < 0) {
          return false;
        }
        at++;
        while (open == 0 && at < end && ",]}".indexOf(bytes[at]) < 0) {
          at++;
        }
      }
    } while (open > 0);
    return true;
  }

  private boolean item(DataType type) {
    int first = next();
    if (first == 'n' && end - at >= 4 && Arrays.equals(bytes, at, at + 4, NULL, 0, 4)) {
      at += 4;
      out.putNull(type);
      return true;
    }
    if (type.isNested()) {
      out.mark(NestedWriter.VALUE);
      return nested(type);
    }
    return first == '"' ? string(type) : bare(type);
  }

  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  /** A number or a word. */
  private boolean bare(DataType type) {
    int from = at;
    while (at < end && ",]} \t\r\n:".indexOf(bytes[at]) < 0) {
      at++;
    }
    boolean fits =
        switch (type.kind()) {
          case VARCHAR, VARBINARY, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ -> false;
          default -> true;
        };
    return fits && at > from && scalar(type, bytes, from, at);
  }

  /** A text, which may be that of any type. */
  private boolean string(DataType type) {
    if (!unquote()) {
      return false;
    }
    if (type.kind() == DataType.Kind.VARCHAR) {
      out.putText(text);
      return true;
    }
    byte[] copy = new byte[text.length];
    Memory.copyToHeap(text.address, copy, 0, text.length);
    return type.isNested() ? quoted(type, copy) : scalar(type, copy, 0, copy.length);
  }

  /** The key of a MAP that is nested itself, in quotes. */
  private boolean quoted(DataType type, byte[] json) {
    byte[] outer = bytes;
    int outerAt = at;
    int outerEnd = end;
    bytes = json;
    at = 0;
    end = json.length;
    out.mark(NestedWriter.VALUE);
    boolean read = nested(type) && next() < 0;
    bytes = outer;
    at = outerAt;
    end = outerEnd;
    return read;
  }

  private boolean scalar(DataType type, byte[] from, int start, int stop) {
    switch (type.kind()) {
      case BOOLEAN -> {
        return scalars.parseBoolean(from, start, stop) && put(scalars.longValue != 0);
      }
      case REAL, DOUBLE -> {
        return scalars.parseDouble(from, start, stop) && putDouble(type);
      }
      case DECIMAL -> {
        boolean read = scalars.parseDecimal(from, start, stop, type);
        if (read) {
          out.putDecimal(scalars.decimalLow, scalars.decimalHigh);
        }
        return read;
      }
      case VARBINARY -> {
        return putHex(from, start, stop);
      }
      case ARRAY, MAP, ROW, VARCHAR -> {
        return false;
      }
      default -> {
        boolean read =
            switch (type.kind()) {
              case DATE -> scalars.parseDate(from, start, stop);
              case TIME -> scalars.parseTime(from, start, stop);
              case TIMESTAMP, TIMESTAMP_LTZ -> scalars.parseTimestamp(from, start, stop, type);
              default -> scalars.parseInteger(from, start, stop, type);
            };
        if (read) {
          out.putLong(scalars.longValue, type.kind().width());
        }
        return read;
      }
    }
  }

  private boolean put(boolean value) {
    out.putBoolean(value);
    return true;
  }

  private boolean putDouble(DataType type) {
    if (type.kind() == DataType.Kind.REAL) {
      out.putFloat((float) scalars.doubleValue);
    } else {
      out.putDouble(scalars.doubleValue);
    }
    return true;
  }

  private boolean putHex(byte[] from, int start, int stop) {
    if ((stop - start) % 2 != 0) {
      return false;
    }
    int length = (stop - start) / 2;
    long to = text.reserve(Math.max(1, length));
    for (int i = 0; i < length; i++) {
      int high = Character.digit(from[start + 2 * i], 16);
      int low = Character.digit(from[start + 2 * i + 1], 16);
      if (high < 0 || low < 0) {
        return false;
      }
      Memory.putByte(to + i, (byte) (high << 4 | low));
    }
    out.putText(to, length);
    return true;
  }

  /** Reads a text in quotes into {@link #text}. */
  private boolean unquote() {
    int close = at + 1;
    while (close < end && bytes[close] != '"') {
      close += bytes[close] == '\\' ? 2 : 1;
    }
    if (close >= end) {
      return false;
    }
    long to = text.reserve(Math.max(1, close - at));
    int length = 0;
    for (int i = at + 1; i < close; i++) {
      if (bytes[i] != '\\') {
        Memory.putByte(to + length++, bytes[i]);
        continue;
      }
      int escaped = bytes[++i];
      if (escaped == 'u') {
        int unit = hex(i + 1, close);
        i += 4;
        if (Character.isHighSurrogate((char) unit)
            && i + 6 < close + 1
            && bytes[i + 1] == '\\'
            && bytes[i + 2] == 'u') {
          int low = hex(i + 3, close);
          if (low >= 0 && Character.isLowSurrogate((char) low)) {
            unit = Character.toCodePoint((char) unit, (char) low);
            i += 6;
          }
        }
        if (unit < 0 || unit < 0x10000 && Character.isSurrogate((char) unit)) {
          return false;
        }
        length = putCodePoint(unit, to, length);
      } else {
        int plain = "\"\\/bfnrt".indexOf(escaped);
        if (plain < 0) {
          return false;
        }
        Memory.putByte(to + length++, (byte) "\"\\/\b\f\n\r\t".charAt(plain));
      }
    }
    text.length = length;
    at = close + 1;
    return true;
  }

  private int hex(int from, int close) {
    int value = from + 4 > close ? -1 : 0;
    for (int i = from; value >= 0 && i < from + 4; i++) {
      int digit = Character.digit(bytes[i], 16);
      value = digit < 0 ? -1 : value << 4 | digit;
    }
    return value;
  }

  private static int putCodePoint(int codePoint, long to, int length) {
    int at = length;
    if (codePoint < 0x80) {
      Memory.putByte(to + at++, (byte) codePoint);
    } else if (codePoint < 0x800) {
      Memory.putByte(to + at++, (byte) (0xc0 | codePoint >> 6));
      Memory.putByte(to + at++, (byte) (0x80 | codePoint & 0x3f));
    } else {
      if (codePoint < 0x10000) {
        Memory.putByte(to + at++, (byte) (0xe0 | codePoint >> 12));
      } else {
        Memory.putByte(to + at++, (byte) (0xf0 | codePoint >> 18));
        Memory.putByte(to + at++, (byte) (0x80 | codePoint >> 12 & 0x3f));
      }
      Memory.putByte(to + at++, (byte) (0x80 | codePoint >> 6 & 0x3f));
      Memory.putByte(to + at++, (byte) (0x80 | codePoint & 0x3f));
    }
    return at;
  }

  @Override
  public void close() {
    out.close();
    text.close();
  }
}
