package io.laminardb.core.operator.scalar;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedMaps;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;

/** Functions of MAPs and ROWs, over their bytes, as {@link ArrayFunctions} are of ARRAYs. */
public final class MapFunctions {
  private static final String COMMA = ",";
  private static final String EQUAL = "=";

  private MapFunctions() {}

  /** The value of a key; 0 where there is none. */
  public static long value(DataType type, Utf8 map, Utf8 key) {
    return NestedBytes.entry(type, map, key);
  }

  public static boolean containsKey(DataType type, Utf8 map, Utf8 key) {
    return NestedBytes.entry(type, map, key) != 0;
  }

  /** The keys in their order. */
  public static Utf8 keys(DataType type, NestedWriter out, Utf8 map) {
    out.start();
    for (long at = map.address; !NestedBytes.isEnd(at); at = NestedBytes.afterEntry(type, at)) {
      out.append(at, NestedBytes.afterItem(type.element(), at) - at);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** The values in the order of keys. */
  public static Utf8 values(DataType type, NestedWriter out, Utf8 map) {
    out.start();
    for (long at = map.address; !NestedBytes.isEnd(at); ) {
      long value = NestedBytes.afterItem(type.element(), at);
      at = NestedBytes.afterItem(type.mapValue(), value);
      out.append(value, at - value);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** The entries as ROWs of key and value. */
  public static Utf8 entries(DataType type, NestedWriter out, Utf8 map) {
    out.start();
    for (long at = map.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterEntry(type, at);
      out.mark(NestedWriter.VALUE).append(at, next - at);
      at = next;
    }
    return out.mark(NestedWriter.END).result();
  }

  /** A MAP of an ARRAY of ROWs of key and value. */
  public static Utf8 ofEntries(DataType type, NestedWriter out, Utf8 entries) {
    DataType row = type.element();
    DataType map = DataType.map(row.children().get(0).type(), row.children().get(1).type());
    out.start();
    for (long at = entries.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(row, at);
      if (!NestedBytes.isNull(at)) {
        out.append(at + 1, next - at - 1);
      }
      at = next;
    }
    NestedMaps.finish(map, out, 0, NestedMaps.Duplicates.REFUSED);
    return out.result();
  }

  /**
   * A MAP of an ARRAY of keys and one of values.
   *
   * @param type of the keys' array
   * @param valueType of the values' array
   */
  public static Utf8 ofArrays(
      DataType type, NestedWriter out, Utf8 keys, DataType valueType, Utf8 values) {
    out.start();
    long key = keys.address;
    long value = values.address;
    while (!NestedBytes.isEnd(key) && !NestedBytes.isEnd(value)) {
      long nextKey = NestedBytes.afterItem(type.element(), key);
      long nextValue = NestedBytes.afterItem(valueType.element(), value);
      out.append(key, nextKey - key).append(value, nextValue - value);
      key = nextKey;
      value = nextValue;
    }
    if (!NestedBytes.isEnd(key) || !NestedBytes.isEnd(value)) {
      throw new LaminarException(
              ErrorCode.EXPRESSION_FAILED, "a MAP of arrays has more keys than values, or fewer.")
          .mend("Give each key a value.");
    }
    DataType map = DataType.map(type.element(), valueType.element());
    NestedMaps.finish(map, out, 0, NestedMaps.Duplicates.REFUSED);
    return out.result();
  }

  /** A MAP of a text such as {@code a=1,b=2}; of equal keys the last, NULL for a key without a value. */
  public static Utf8 ofText(DataType none, NestedWriter out, Utf8 text) {
    return ofText(out, text, COMMA, EQUAL);
  }

  /** With another separator of entries. */
  public static Utf8 ofText(DataType none, NestedWriter out, Utf8 text, Utf8 separator) {
    return ofText(out, text, separator.toString(), EQUAL);
  }

  /** With another separator of keys from values. */
  public static Utf8 ofText(
      DataType none, NestedWriter out, Utf8 text, Utf8 separator, Utf8 equal) {
    return ofText(out, text, separator.toString(), equal.toString());
  }

  private static Utf8 ofText(NestedWriter out, Utf8 text, String separator, String equal) {
    if (separator.isEmpty() || equal.isEmpty()) {
      throw Failures.argument("STR_TO_MAP takes separators that are not empty.");
    }
    out.start();
    String rest = text.toString();
    for (int at = 0; !rest.isEmpty() && at <= rest.length(); ) {
      int end = rest.indexOf(separator, at);
      String entry = rest.substring(at, end < 0 ? rest.length() : end);
      int value = entry.indexOf(equal);
      out.putText((value < 0 ? entry : entry.substring(0, value)).getBytes(UTF_8));
      if (value < 0) {
        out.putNull(DataType.VARCHAR);
      } else {
        out.putText(entry.substring(value + equal.length()).getBytes(UTF_8));
      }
      at = end < 0 ? rest.length() + 1 : end + separator.length();
    }
    DataType map = DataType.map(DataType.VARCHAR, DataType.VARCHAR);
    NestedMaps.finish(map, out, 0, NestedMaps.Duplicates.LAST_WINS);
    return out.result();
  }

  /** The entries of both; of a key in both the other's value. */
  public static Utf8 concat(DataType type, NestedWriter out, Utf8 map, Utf8 other) {
    out.start().append(map.address, map.length - 1).append(other.address, other.length - 1);
    NestedMaps.finish(type, out, 0, NestedMaps.Duplicates.LAST_WINS);
    return out.result();
  }

  /** The field of a ROW at a place from 0. */
  public static long field(DataType type, Utf8 row, int place) {
    return NestedBytes.field(type, row, place);
  }
}
