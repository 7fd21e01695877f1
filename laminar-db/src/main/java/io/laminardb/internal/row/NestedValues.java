package io.laminardb.internal.row;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.batch.text.NestedText;
import io.laminardb.core.memory.Utf8;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Nested values as Java objects: an ARRAY is a List, a MAP a Map in the order of its keys, a ROW a
 * {@link io.laminardb.Row}. None can be changed.
 */
public final class NestedValues {
  private NestedValues() {}

  /** A value as an object and as text, both of which outlive the bytes. */
  record Copy(Object value, String text) {
    static Copy of(DataType type, Utf8 bytes) {
      return new Copy(object(type, bytes.address), NestedText.of(type, bytes));
    }
  }

  /** The value of a row, not NULL, of a nested column; {@code view} is moved. */
  public static Object of(Column column, int row, Utf8 view) {
    column.getBytes(row, view);
    return object(column.type(), view.address);
  }

  /** The value whose bytes start at {@code address}. */
  static Object object(DataType type, long address) {
    return switch (type.kind()) {
      case ARRAY -> list(type, address);
      case MAP -> map(type, address);
      default -> OwnedRow.ofFields(new Schema(type.children(), false), address);
    };
  }

  private static List<Object> list(DataType type, long address) {
    List<Object> elements = new ArrayList<>();
    for (long at = address; !NestedBytes.isEnd(at); at = NestedBytes.afterEntry(type, at)) {
      elements.add(item(type.element(), at));
    }
    return Collections.unmodifiableList(elements);
  }

  private static Map<Object, Object> map(DataType type, long address) {
    Map<Object, Object> entries = new LinkedHashMap<>();
    for (long at = address; !NestedBytes.isEnd(at); at = NestedBytes.afterEntry(type, at)) {
      long value = NestedBytes.afterItem(type.element(), at);
      entries.put(item(type.element(), at), item(type.mapValue(), value));
    }
    return Collections.unmodifiableMap(entries);
  }

  static Object item(DataType type, long item) {
    if (NestedBytes.isNull(item)) {
      return null;
    }
    return switch (type.kind()) {
      case REAL -> NestedCodec.getFloat(item);
      case DOUBLE -> NestedCodec.getDouble(item);
      case DECIMAL ->
          Decimals.of(
              NestedCodec.getDecimalLow(item), NestedCodec.getDecimalHigh(item), type.scale());
      case VARCHAR ->
          new String(NestedCodec.getBytes(item), java.nio.charset.StandardCharsets.UTF_8);
      case VARBINARY -> NestedCodec.getBytes(item);
      case BOOLEAN -> NestedCodec.getBoolean(item);
      case ARRAY, MAP, ROW -> object(type, item + 1);
      default -> AbstractRow.object(type, NestedCodec.getLong(item, type.kind().width()));
    };
  }
}
