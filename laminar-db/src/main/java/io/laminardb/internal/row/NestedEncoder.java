package io.laminardb.internal.row;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.batch.nested.NestedMaps;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Java objects as nested values. An ARRAY is made of a Collection or an array, a MAP of a Map, a ROW
 * of a {@link Row}, a record or a Map, by name, or of a List or an array, by place. Plain values
 * inside are converted as {@link ValueConverter} does it. One thread; closed after use.
 */
final class NestedEncoder implements AutoCloseable {
  private final BufferAllocator allocator;
  private final Field column;
  private final ValueErrors errors;
  private final NestedWriter out;
  private final Utf8 view = new Utf8();
  private final Map<DataType, Leaf> leaves = new HashMap<>();

  NestedEncoder(Field column, String owner, BufferAllocator allocator) {
    this.column = column;
    this.allocator = allocator;
    this.errors = new ValueErrors(owner, new Schema(List.of(column), false));
    this.out = new NestedWriter(new Utf8Buffer(allocator));
  }

  /** A row of one column that plain values of one type go through. */
  private record Leaf(Batch batch, ColumnRowWriter writer) {}

  /**
   * The bytes of a value that is not null, valid until the next call.
   *
   * @throws LaminarException SCHEMA_MISMATCH where it is none of the column's type
   */
  Utf8 encode(Object value) {
    out.start();
    nested(column.type(), value);
    return out.result();
  }

  private void item(DataType type, Object value) {
    if (value == null) {
      out.putNull(type);
    } else if (type.isNested()) {
      out.mark(NestedWriter.VALUE);
      nested(type, value);
    } else {
      Leaf leaf = leaves.computeIfAbsent(type, this::leaf);
      leaf.batch.clear();
      leaf.writer.push(1, false, value);
      NestedCodec.append(leaf.batch.column(0), 0, view, out);
    }
  }

  private Leaf leaf(DataType type) {
    Schema schema = Schema.appendOnly(Field.of(column.name(), type));
    Batch batch = new Batch(schema, 1, allocator);
    return new Leaf(batch, new ColumnRowWriter(new BatchRowTarget(batch), errors.owner()));
  }

  private void nested(DataType type, Object value) {
    switch (type.kind()) {
      case ARRAY -> {
        for (Object element : elements(value)) {
          item(type.element(), element);
        }
        out.mark(NestedWriter.END);
      }
      case MAP -> map(type, value);
      default -> {
        List<Object> fields = fields(type, value);
        for (int i = 0; i < fields.size(); i++) {
          item(type.children().get(i).type(), fields.get(i));
        }
      }
    }
  }

  private Collection<?> elements(Object value) {
    if (value instanceof Collection<?> collection) {
      return collection;
    }
    if (value instanceof Object[] array) {
      return Arrays.asList(array);
    }
    if (!value.getClass().isArray() || value instanceof byte[]) {
      throw errors.wrongType(0, value);
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < Array.getLength(value); i++) {
      elements.add(Array.get(value, i));
    }
    return elements;
  }

  private void map(DataType type, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw errors.wrongType(0, value);
    }
    int start = out.length();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getKey() == null) {
        throw errors.nullKey(0);
      }
      item(type.element(), entry.getKey());
      item(type.mapValue(), entry.getValue());
    }
    NestedMaps.finish(type, out, start, NestedMaps.Duplicates.REFUSED);
  }

  private List<Object> fields(DataType type, Object value) {
    if (value instanceof List<?> || value instanceof Object[]) {
      Collection<?> elements = elements(value);
      if (elements.size() != type.children().size()) {
        throw errors.wrongType(0, value);
      }
      return new ArrayList<>(elements);
    }
    Map<String, Object> named = new HashMap<>();
    if (value instanceof Row row) {
      for (int i = 0; i < row.columns().size(); i++) {
        named.put(key(row.columns().get(i).name()), row.getObject(i));
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((name, field) -> named.put(key(String.valueOf(name)), field));
    } else if (value instanceof Record row) {
      components(row, named);
    } else {
      throw errors.wrongType(0, value);
    }
    List<Object> fields = new ArrayList<>();
    for (Field field : type.children()) {
      String key = key(field.name());
      fields.add(named.get(key));
      named.remove(key);
    }
    if (!named.isEmpty()) {
      throw errors.unknownField(0, named.keySet().iterator().next());
    }
    return fields;
  }

  private void components(Record row, Map<String, Object> named) {
    for (RecordComponent component : row.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        named.put(key(component.getName()), component.getAccessor().invoke(row));
      } catch (ReflectiveOperationException | RuntimeException e) {
        throw errors.unreadable(0, row, e);
      }
    }
  }

  /** Names of fields and components agree without case and underscores. */
  private static String key(String name) {
    return name.replace("_", "").toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public void close() {
    leaves.values().forEach(leaf -> leaf.batch.close());
    out.close();
  }
}
