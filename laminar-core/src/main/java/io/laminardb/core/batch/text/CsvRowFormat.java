package io.laminardb.core.batch.text;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import java.nio.charset.StandardCharsets;

/** CSV lines. A text is appended bare, then looked through, and quoted in place if it must be. */
final class CsvRowFormat extends RowFormat {
  private final byte delimiter;
  private final byte quote;
  private final byte[] nullText;

  CsvRowFormat(Schema schema, char delimiter, char quote, String nullText) {
    super(schema);
    this.delimiter = (byte) delimiter;
    this.quote = (byte) quote;
    this.nullText = nullText.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void appendHeader(TextWriter out) {
    for (int i = 0; i < names.length; i++) {
      if (i > 0) {
        out.appendByte(delimiter);
      }
      int start = out.length();
      out.appendString(names[i]);
      quoteIfNeeded(out, start);
    }
    if (weighted) {
      if (names.length > 0) {
        out.appendByte(delimiter);
      }
      out.appendString(WEIGHT_COLUMN);
    }
    out.appendByte('\n');
  }

  @Override
  public void appendRow(Batch batch, int row, TextWriter out) {
    for (int i = 0; i < columns.length; i++) {
      if (i > 0) {
        out.appendByte(delimiter);
      }
      Column column = batch.column(columns[i]);
      int start = out.length();
      if (column.isNull(row)) {
        out.appendUtf8(nullText);
      } else {
        appendValue(column, row, view, out);
        if (column.type().kind() == DataType.Kind.VARCHAR || column.type().isNested()) {
          quoteIfNeeded(out, start);
        }
      }
    }
    if (weighted) {
      if (columns.length > 0) {
        out.appendByte(delimiter);
      }
      out.appendLong(batch.weight(row));
    }
    out.appendByte('\n');
  }

  private void quoteIfNeeded(TextWriter out, int start) {
    byte[] bytes = out.bytes();
    int end = out.length();
    int quotes = 0;
    boolean special = end == start || isNullText(bytes, start, end);
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      special |= b == delimiter || b == '\n' || b == '\r';
      quotes += b == quote ? 1 : 0;
    }
    if (special || quotes > 0) {
      out.quoteFrom(start, quotes, quote);
    }
  }

  private boolean isNullText(byte[] bytes, int start, int end) {
    if (end - start != nullText.length) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (bytes[i] != nullText[i - start]) {
        return false;
      }
    }
    return true;
  }
}
