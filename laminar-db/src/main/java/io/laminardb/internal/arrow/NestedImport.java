package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.batch.nested.NestedMaps;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.ListVector;

/**
 * Copies Arrow's lists, maps and structs into nested columns. Values inside come through columns of
 * their own, so that they are converted as plain columns are.
 */
final class NestedImport implements AutoCloseable {
  private final DataType type;
  private final FieldVector vector;
  private final Column leaf; // null for nested values
  private final List<NestedImport> children = new ArrayList<>();
  private final Utf8 view = new Utf8();

  private NestedImport(FieldVector vector, Field field, String owner, BufferAllocator allocator) {
    this.vector = vector;
    this.type = field.type();
    if (vector.getField().getDictionary() != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "column \"" + field.name() + "\" has dictionary-encoded values inside.")
          .mend("Decode them.");
    }
    long unitNanos = ColumnImport.unitNanos(vector.getField(), field, owner);
    this.leaf = type.isNested() ? null : Column.imported(type);
    try {
      if (leaf != null) {
        ColumnImport.fill(leaf, vector, field, unitNanos, vector.getValueCount(), allocator);
        return;
      }
      List<FieldVector> vectors = vector.getChildrenFromFields();
      if (type.kind() == DataType.Kind.MAP) {
        vectors = vectors.get(0).getChildrenFromFields();
      }
      checkFields(vectors, field, owner);
      for (int i = 0; i < vectors.size(); i++) {
        Field child = Field.of(field.name(), type.children().get(i).type());
        children.add(new NestedImport(vectors.get(i), child, owner, allocator));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void checkFields(List<FieldVector> vectors, Field field, String owner) {
    boolean fits = vectors.size() == type.children().size();
    for (int i = 0; fits && type.kind() == DataType.Kind.ROW && i < vectors.size(); i++) {
      fits = vectors.get(i).getName().equalsIgnoreCase(type.children().get(i).name());
    }
    if (!fits) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \""
                  + field.name()
                  + "\" of "
                  + owner
                  + " has "
                  + type
                  + ", but the Arrow root has "
                  + vector.getField()
                  + ".")
          .mend("Give it the same fields in the same order.");
    }
  }

  /** Lets an empty column adopt a copy of a vector's values. */
  static void fill(
      Column column,
      FieldVector vector,
      Field field,
      int rows,
      String owner,
      BufferAllocator allocator) {
    ArrowBuf offsets = null;
    ArrowBuf data = null;
    try (NestedImport source = new NestedImport(vector, field, owner, allocator);
        NestedWriter out = new NestedWriter(new Utf8Buffer(allocator))) {
      offsets = allocator.buffer(4L * (rows + 1));
      Memory.putInt(offsets.memoryAddress(), 0);
      for (int row = 0; row < rows; row++) {
        if (!vector.isNull(row)) {
          source.value(row, out);
        }
        Memory.putInt(offsets.memoryAddress() + 4L * (row + 1), out.length());
      }
      data = allocator.buffer(Math.max(8, out.length()));
      Memory.copy(out.address(), data.memoryAddress(), out.length());
    } catch (RuntimeException e) {
      if (offsets != null) {
        offsets.close();
      }
      throw e;
    }
    ArrowBuf validity =
        vector.getNullCount() > 0 ? ColumnImport.retain(vector.getValidityBuffer()) : null;
    column.adopt(rows, validity, offsets, data);
  }

  private void item(int row, NestedWriter out) {
    if (leaf != null) {
      NestedCodec.append(leaf, row, view, out);
    } else if (vector.isNull(row)) {
      out.putNull(type);
    } else {
      value(row, out.mark(NestedWriter.VALUE));
    }
  }

  private void value(int row, NestedWriter out) {
    if (type.kind() == DataType.Kind.ROW) {
      children.forEach(child -> child.item(row, out));
      return;
    }
    ListVector list = (ListVector) vector;
    int start = out.length();
    for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
      for (NestedImport child : children) {
        child.item(i, out);
      }
    }
    if (type.kind() == DataType.Kind.MAP) {
      NestedMaps.finish(type, out, start, NestedMaps.Duplicates.REFUSED);
    } else {
      out.mark(NestedWriter.END);
    }
  }

  @Override
  public void close() {
    children.forEach(NestedImport::close);
    if (leaf != null) {
      leaf.close();
    }
  }
}
