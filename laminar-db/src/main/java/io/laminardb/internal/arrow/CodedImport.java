package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.TextDictionary;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Fills columns with dictionary-encoded vectors. A VARCHAR column stays coded: its texts are copied
 * into a dictionary of ours, once as long as the same ones come with every root, which is seen by
 * comparing them. Others (values of another type, NULL as a value, far more texts than rows) are
 * decoded.
 */
final class CodedImport {
  /** With more texts for each row than this, comparing them costs more than decoding the rows. */
  private static final int TEXTS_PER_ROW = 4;

  private final String owner;
  private final BufferAllocator allocator;
  private final TextDictionary[] last; // by column; held by us

  CodedImport(String owner, int columns, BufferAllocator allocator) {
    this.owner = owner;
    this.allocator = allocator;
    this.last = new TextDictionary[columns];
  }

  void fill(
      Column column,
      int index,
      Field field,
      FieldVector vector,
      DictionaryProvider dictionaries,
      int rows) {
    FieldVector values = dictionary(vector, field, dictionaries).getVector();
    ColumnImport.checkNulls(vector, field, rows, owner);
    if (!staysCoded(field, vector, values, rows)) {
      decode(column, field, vector, dictionaries, rows);
      return;
    }
    TextDictionary dictionary = copyOf((VarCharVector) values, index);
    boolean hasNulls = vector.getNullCount() > 0;
    ArrowBuf codes = codes((BaseIntVector) vector, field, rows, hasNulls, dictionary.size());
    ArrowBuf validity = hasNulls ? ColumnImport.retain(vector.getValidityBuffer()) : null;
    column.adoptCodes(rows, validity, codes, dictionary.retain());
  }

  private static boolean staysCoded(Field field, FieldVector vector, FieldVector values, int rows) {
    return field.type().kind() == DataType.Kind.VARCHAR
        && field.type().maxLength() == 0
        && rows > 0
        && vector instanceof BaseIntVector
        && values instanceof VarCharVector
        && values.getValueCount() / TEXTS_PER_ROW <= rows
        && values.getNullCount() == 0;
  }

  private static Dictionary dictionary(
      FieldVector vector, Field field, DictionaryProvider dictionaries) {
    long id = vector.getField().getDictionary().getId();
    Dictionary dictionary = dictionaries == null ? null : dictionaries.lookup(id);
    if (dictionary == null) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \""
                  + field.name()
                  + "\" is encoded with dictionary "
                  + id
                  + ", which is not known.")
          .mend("Push the root together with its DictionaryProvider.");
    }
    return dictionary;
  }

  private TextDictionary copyOf(VarCharVector values, int index) {
    int size = values.getValueCount();
    long offsets = values.getOffsetBuffer().memoryAddress();
    long data = values.getDataBuffer().memoryAddress();
    TextDictionary known = last[index];
    if (known != null && known.isCopyOf(size, offsets, data)) {
      return known;
    }
    last[index] = new TextDictionary(size, offsets, data, allocator);
    if (known != null) {
      known.release();
    }
    return last[index];
  }

  /** The numbers as 32-bit integers, which are in range also for rows that are NULL. */
  private ArrowBuf codes(BaseIntVector vector, Field field, int rows, boolean hasNulls, int size) {
    boolean fits = vector instanceof IntVector || vector instanceof UInt4Vector;
    if (fits && !hasNulls) {
      ArrowBuf codes = vector.getDataBuffer();
      long address = codes.memoryAddress();
      for (int row = 0; row < rows; row++) {
        int code = Memory.getInt(address + ((long) row << 2));
        if (code < 0 || code >= size) {
          throw outOfRange(field, row, vector.getValueAsLong(row), size);
        }
      }
      return ColumnImport.retain(codes);
    }
    ArrowBuf codes = allocator.buffer(4L * rows);
    long address = codes.memoryAddress();
    for (int row = 0; row < rows; row++) {
      long code = vector.isNull(row) ? 0 : vector.getValueAsLong(row);
      if (!vector.isNull(row) && (code < 0 || code >= size)) {
        codes.close();
        throw outOfRange(field, row, code, size);
      }
      Memory.putInt(address + ((long) row << 2), (int) code);
    }
    return codes;
  }

  private static LaminarException outOfRange(Field field, int row, long code, int size) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            "column \""
                + field.name()
                + "\" has number "
                + code
                + " in row "
                + row
                + ", but its dictionary has "
                + size
                + " values.")
        .mend("Push the root together with the dictionary it was encoded with.");
  }

  private void decode(
      Column column, Field field, FieldVector vector, DictionaryProvider dictionaries, int rows) {
    Dictionary dictionary = dictionary(vector, field, dictionaries);
    try (FieldVector decoded =
        (FieldVector) DictionaryEncoder.decode(vector, dictionary, allocator)) {
      long unitNanos = ColumnImport.unitNanos(decoded.getField(), field, owner);
      ColumnImport.checkNulls(decoded, field, rows, owner);
      ColumnImport.checkLengths(decoded, field, rows, owner);
      ColumnImport.fill(column, decoded, field, unitNanos, rows, allocator);
    }
  }

  /** Lets the dictionaries go. */
  void close() {
    for (int i = 0; i < last.length; i++) {
      if (last[i] != null) {
        last[i].release();
        last[i] = null;
      }
    }
  }
}
