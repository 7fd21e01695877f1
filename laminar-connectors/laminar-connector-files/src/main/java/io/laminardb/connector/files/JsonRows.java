package io.laminardb.connector.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.connector.BadRecordHandler;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows of a JSON lines file: columns by field name, first as written, then without regard to case. A
 * field that is missing or {@code null} is NULL, one without a column is left out, an object or array
 * is an ARRAY, MAP or ROW, or goes into a VARCHAR as its JSON text.
 */
final class JsonRows extends FileRows {
  private static final int IGNORED = -1;
  private static final int WEIGHT = -2;

  private final JsonFactory json = new JsonFactory();
  private final Map<String, Integer> columnOfName = new HashMap<>();
  private final boolean[] written;
  private byte[] text = new byte[256];
  private int weight;

  JsonRows(FileInput input, SourceOptions options, Schema schema, BadRecordHandler badRecords) {
    super(input, options, schema, badRecords);
    written = new boolean[schema.size()];
  }

  @Override
  void demand(SourceDemand newDemand) {
    super.demand(newDemand);
    columnOfName.clear();
  }

  @Override
  boolean readHeader() {
    return true;
  }

  @Override
  boolean readRow(Batch into) {
    while (true) {
      int lineEnd = input.lineEnd();
      if (lineEnd < 0) {
        return false;
      }
      int next = lineEnd < input.limit ? lineEnd + 1 : lineEnd;
      if (isBlank(input.position, lineEnd)) {
        advance(next, 1);
        continue;
      }
      LaminarException problem = writeRow(into, input.position, lineEnd);
      if (problem == null) {
        advance(next, 1);
        endRow(into, weight);
        return true;
      }
      reject(into, problem, next, 1);
    }
  }

  private boolean isBlank(int from, int to) {
    for (int i = from; i < to; i++) {
      if (input.bytes[i] != ' ' && input.bytes[i] != '\t' && input.bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private LaminarException writeRow(Batch into, int from, int to) {
    Arrays.fill(written, false);
    weight = 1;
    try (JsonParser parser = json.createParser(input.bytes, from, to - from)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        return badRecord(input.line, "a JSON object was expected, one a line");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        int column = columnOf(name);
        JsonToken value = parser.nextToken();
        LaminarException problem =
            column == WEIGHT
                ? readWeight(parser)
                : column == IGNORED ? skip(parser) : writeValue(parser, value, into, column, from);
        if (problem != null) {
          return problem;
        }
      }
      if (parser.nextToken() != null) {
        return badRecord(input.line, "something stands behind the JSON object");
      }
    } catch (JsonProcessingException e) {
      long at = Math.max(e.getLocation() == null ? 0 : e.getLocation().getColumnNr(), 0);
      String reason = e.getOriginalMessage().lines().findFirst().orElse("").strip();
      return badRecord(input.line, "not valid JSON at character " + at + " (" + reason + ")");
    } catch (IOException e) {
      return badRecord(input.line, "not valid JSON (" + e.getMessage() + ")");
    }
    return writeMissing(into);
  }

  private int columnOf(String name) {
    Integer known = columnOfName.get(name);
    if (known != null) {
      return known;
    }
    int column = schema.indexOf(name);
    if (column < 0) {
      boolean isWeight = schema.isChangelog() && RowFormat.WEIGHT_COLUMN.equals(name);
      column = isWeight ? WEIGHT : IGNORED;
    } else if (!demand.wants(column)) {
      column = IGNORED;
    }
    if (columnOfName.size() < 10_000) { // names that are data must not fill the memory
      columnOfName.put(name, column);
    }
    return column;
  }

  private static LaminarException skip(JsonParser parser) throws IOException {
    parser.skipChildren();
    return null;
  }

  private LaminarException readWeight(JsonParser parser) throws IOException {
    int length = encodeText(parser);
    boolean negative = length == 2 && text[0] == '-';
    if (length != (negative ? 2 : 1) || text[length - 1] != '1') {
      return badWeight(input.line, text, 0, length);
    }
    weight = negative ? -1 : 1;
    return null;
  }

  private LaminarException writeValue(
      JsonParser parser, JsonToken value, Batch into, int index, int from) throws IOException {
    Field field = schema.field(index);
    Column column = into.column(index);
    int row = into.rowCount();
    if (written[index] && column.validityAddress() != 0) {
      Memory.setBit(column.validityAddress(), row); // a name given twice: the last one counts
    }
    if (value == JsonToken.VALUE_NULL) {
      written[index] = false;
      return null;
    }
    written[index] = true;
    if (value.isStructStart()) {
      return writeNested(parser, column, row, field, from);
    }
    int length = encodeText(parser);
    boolean fits = !isWord(value) || takesWord(field.type());
    return fits && cells.write(text, 0, length, column, row)
        ? null
        : badCell(input.line, field.name(), field.type(), text, 0, length);
  }

  private static boolean isWord(JsonToken value) {
    return value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE;
  }

  private static boolean takesWord(DataType type) {
    return type.kind() == DataType.Kind.BOOLEAN || type.kind() == DataType.Kind.VARCHAR;
  }

  private LaminarException writeNested(
      JsonParser parser, Column column, int row, Field field, int from) throws IOException {
    int start = from + (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int end = from + (int) parser.currentLocation().getByteOffset();
    boolean takes = field.type().kind() == DataType.Kind.VARCHAR || field.type().isNested();
    return takes && cells.write(input.bytes, start, end, column, row)
        ? null
        : badCell(input.line, field.name(), field.type(), input.bytes, start, end);
  }

  private LaminarException writeMissing(Batch into) {
    for (int i = 0; i < written.length; i++) {
      if (!written[i] && demand.wants(i)) {
        Field field = schema.field(i);
        if (!field.nullable()) {
          return nullCell(input.line, field.name());
        }
        into.column(i).setNull(into.rowCount());
      }
    }
    return null;
  }

  /** Encodes the present value's text as UTF-8 into {@link #text}; returns its length. */
  private int encodeText(JsonParser parser) throws IOException {
    char[] chars = parser.getTextCharacters();
    int from = parser.getTextOffset();
    int count = parser.getTextLength();
    if (text.length < count * 3L) {
      text = new byte[Math.multiplyExact(count, 3)];
    }
    int length = 0;
    for (int i = from; i < from + count; i++) {
      int c = chars[i];
      if (c < 0x80) {
        text[length++] = (byte) c;
      } else if (c < 0x800) {
        text[length++] = (byte) (0xc0 | c >> 6);
        text[length++] = (byte) (0x80 | c & 0x3f);
      } else if (Character.isHighSurrogate((char) c)
          && i + 1 < from + count
          && Character.isLowSurrogate(chars[i + 1])) {
        int codePoint = Character.toCodePoint((char) c, chars[++i]);
        text[length++] = (byte) (0xf0 | codePoint >> 18);
        text[length++] = (byte) (0x80 | codePoint >> 12 & 0x3f);
        text[length++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
        text[length++] = (byte) (0x80 | codePoint & 0x3f);
      } else {
        int unit = Character.isSurrogate((char) c) ? 0xfffd : c; // half a pair has no UTF-8
        text[length++] = (byte) (0xe0 | unit >> 12);
        text[length++] = (byte) (0x80 | unit >> 6 & 0x3f);
        text[length++] = (byte) (0x80 | unit & 0x3f);
      }
    }
    return length;
  }
}
