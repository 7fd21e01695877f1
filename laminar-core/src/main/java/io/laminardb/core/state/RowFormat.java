package io.laminardb.core.state;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.Arrays;

/**
 * Some columns of rows as the 8-byte words that are the key of a row of a {@link KeyedTable}: first the
 * bits of NULLs, then a word a column, two for a DECIMAL and for the view of a text. A NULL has zeros;
 * that of a text in a key has a view of its own and no bit. Rows are written and read a column at a time: one loop a column over many rows. Immutable.
 *
 * <p>Views that were written point into the batch where the texts are long; who keeps them copies them.
 */
public final class RowFormat {
  private static final long NULL_TEXT = 0xffffffffL; // the view of a text that is shorter than none

  private final int[] columns;
  private final Kind[] kinds;
  private final int[] offsets; // of the value, from the row's start
  private final int[] nullBits; // -1 for a column without NULLs
  private final int nullWords;
  private final int words;
  private final int[] texts;
  private final boolean keys;
  private final boolean[] nullTexts; // texts of a key, whose NULL has a length of its own

  private RowFormat(Schema schema, int[] columns, boolean[] hasNulls, boolean keys) {
    this.columns = columns.clone();
    this.keys = keys;
    kinds = new Kind[columns.length];
    offsets = new int[columns.length];
    nullBits = new int[columns.length];
    nullTexts = new boolean[columns.length];
    int bits = 0;
    for (int i = 0; i < columns.length; i++) {
      nullTexts[i] = keys && hasNulls[i] && schema.field(columns[i]).type().kind().width() < 0;
      nullBits[i] = hasNulls[i] && !nullTexts[i] ? bits++ : -1;
    }
    nullWords = (bits + 63) >>> 6;
    int word = nullWords;
    int textCount = 0;
    int[] allTexts = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      kinds[i] = schema.field(columns[i]).type().kind();
      offsets[i] = RowLayout.KEY_OFFSET + 8 * word;
      if (kinds[i].width() < 0) {
        allTexts[textCount++] = word;
      }
      word += kinds[i].width() < 0 || kinds[i].width() == 16 ? 2 : 1;
    }
    words = word;
    texts = Arrays.copyOf(allTexts, textCount);
  }

  /** Columns of rows of a schema, as they are. */
  public static RowFormat ofRows(Schema schema, int... columns) {
    boolean[] hasNulls = new boolean[columns.length];
    for (int i = 0; i < columns.length; i++) {
      Field field = schema.field(columns[i]);
      hasNulls[i] = field.nullable();
    }
    return new RowFormat(schema, columns, hasNulls, false);
  }

  /**
   * The columns of a key: values that are equal in SQL have equal words.
   *
   * @param nullSafe of each column, whether NULL is a value; else it is not told from another one
   */
  public static RowFormat ofKey(Schema schema, int[] columns, boolean[] nullSafe) {
    return new RowFormat(schema, columns, nullSafe, true);
  }

  /** Words of a row. */
  public int words() {
    return words;
  }

  /** Which of them begin the view of a text. */
  public int[] texts() {
    return texts.clone();
  }

  /** The layout of rows of this format with {@code stateWords} more words, at least one. */
  public RowLayout layout(int stateWords) {
    return RowLayout.plain(words, texts, stateWords);
  }

  /** The place of a column of the schema, or -1. */
  public int place(int column) {
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] == column) {
        return i;
      }
    }
    return -1;
  }

  // ---- writing

  /**
   * Writes rows of a batch.
   *
   * @param rows which ones, {@code count} of them
   * @param targets where they go: the addresses of rows of a table, or of sources for one
   * @return whether any of their texts is so long that its view points elsewhere
   */
  public boolean write(Batch batch, int[] rows, int count, long[] targets) {
    for (int word = 0; word < nullWords; word++) {
      final int offset = RowLayout.KEY_OFFSET + 8 * word;
      for (int i = 0; i < count; i++) {
        Memory.putLong(targets[i] + offset, 0);
      }
    }
    boolean hasLong = false;
    for (int place = 0; place < columns.length; place++) {
      Column column = batch.column(columns[place]);
      if (kinds[place].width() < 0) {
        hasLong |= writeTexts(column, offsets[place], rows, count, targets);
      } else {
        write(column, place, rows, count, targets);
      }
      if (nullBits[place] >= 0 && column.validityAddress() != 0) {
        writeNulls(column.validityAddress(), place, rows, count, targets);
      } else if (nullTexts[place] && column.validityAddress() != 0) {
        writeNullTexts(column.validityAddress(), offsets[place], rows, count, targets);
      }
    }
    return hasLong;
  }

  private void write(Column column, int place, int[] rows, int count, long[] targets) {
    final int offset = offsets[place];
    switch (kinds[place].width()) {
      case 0 -> {
        for (int i = 0; i < count; i++) {
          Memory.putLong(targets[i] + offset, column.getBoolean(rows[i]) ? 1 : 0);
        }
      }
      case 16 -> {
        for (int i = 0; i < count; i++) {
          Memory.putLong(targets[i] + offset, column.getDecimalLow(rows[i]));
          Memory.putLong(targets[i] + offset + 8, column.getDecimalHigh(rows[i]));
        }
      }
      case 8 -> {
        if (keys && kinds[place] == Kind.DOUBLE) {
          writeDoubles(column, offset, rows, count, targets);
          return;
        }
        final long data = column.dataAddress();
        for (int i = 0; i < count; i++) {
          Memory.putLong(targets[i] + offset, Memory.getLong(data + ((long) rows[i] << 3)));
        }
      }
      default -> {
        if (keys && kinds[place] == Kind.REAL) {
          writeDoubles(column, offset, rows, count, targets);
          return;
        }
        for (int i = 0; i < count; i++) {
          Memory.putLong(targets[i] + offset, column.getLong(rows[i]));
        }
      }
    }
  }

  private static void writeDoubles(
      Column column, int offset, int[] rows, int count, long[] targets) {
    for (int i = 0; i < count; i++) {
      Memory.putLong(targets[i] + offset, Keys.ofDouble(column.getDouble(rows[i])));
    }
  }

  private static boolean writeTexts(
      Column column, int offset, int[] rows, int count, long[] targets) {
    final long codes = column.codesAddress();
    int longest = 0;
    if (codes != 0) {
      final long views = column.textViewsAddress();
      for (int i = 0; i < count; i++) {
        long view = views + ((long) Memory.getInt(codes + ((long) rows[i] << 2)) << 4);
        long head = Memory.getLong(view);
        longest = Math.max(longest, Keys.length(head));
        Memory.putLong(targets[i] + offset, head);
        Memory.putLong(targets[i] + offset + 8, Memory.getLong(view + 8));
      }
      return longest > Keys.INLINE_BYTES;
    }
    final long starts = column.offsetsAddress();
    final long data = column.dataAddress();
    final long lastView = column.lastWordAddress() - 4;
    for (int i = 0; i < count; i++) {
      long at = starts + ((long) rows[i] << 2);
      int start = Memory.getInt(at);
      int length = Memory.getInt(at + 4) - start;
      longest = Math.max(longest, length);
      Keys.putView(data + start, length, lastView, targets[i] + offset);
    }
    return longest > Keys.INLINE_BYTES;
  }

  private void writeNulls(long validity, int place, int[] rows, int count, long[] targets) {
    final int bits = RowLayout.KEY_OFFSET + 8 * (nullBits[place] >>> 6);
    final long bit = 1L << nullBits[place];
    final int offset = offsets[place];
    final boolean wide = kinds[place].width() < 0 || kinds[place].width() == 16;
    for (int i = 0; i < count; i++) {
      if (!Memory.getBit(validity, rows[i])) {
        long target = targets[i];
        Memory.putLong(target + bits, Memory.getLong(target + bits) | bit);
        Memory.putLong(target + offset, 0);
        if (wide) {
          Memory.putLong(target + offset + 8, 0);
        }
      }
    }
  }

  private static void writeNullTexts(
      long validity, int offset, int[] rows, int count, long[] targets) {
    for (int i = 0; i < count; i++) {
      if (!Memory.getBit(validity, rows[i])) {
        Memory.putLong(targets[i] + offset, NULL_TEXT);
        Memory.putLong(targets[i] + offset + 8, 0);
      }
    }
  }

  /** Writes rows of a batch as {@link #write} does, each with its hash in front. */
  public void writeKeys(Batch batch, int[] rows, int count, long[] targets) {
    if (texts.length == 1 && words == 2) {
      Column column = batch.column(columns[0]);
      if (column.validityAddress() == 0 && column.codesAddress() == 0) {
        writeTextKeys(column, rows, count, targets);
        return;
      }
    }
    write(batch, rows, count, targets);
    hash(targets, count);
  }

  private static void writeTextKeys(Column column, int[] rows, int count, long[] targets) {
    final long starts = column.offsetsAddress();
    final long data = column.dataAddress();
    final long lastView = column.lastWordAddress() - 4;
    for (int i = 0; i < count; i++) {
      long at = starts + ((long) rows[i] << 2);
      int start = Memory.getInt(at);
      Keys.putHashedView(data + start, Memory.getInt(at + 4) - start, lastView, targets[i]);
    }
  }

  private void hash(long[] rows, int count) {
    if (words == 1) {
      for (int i = 0; i < count; i++) {
        long word = Memory.getLong(rows[i] + RowLayout.KEY_OFFSET);
        Memory.putLong(rows[i], Keys.finish(Keys.mix(Keys.SEED, word)));
      }
    } else if (words == 2 && texts.length == 1) {
      for (int i = 0; i < count; i++) {
        long head = Memory.getLong(rows[i] + RowLayout.KEY_OFFSET);
        long tail = Memory.getLong(rows[i] + RowLayout.KEY_OFFSET + 8);
        Memory.putLong(rows[i], Keys.finish(Keys.mixText(Keys.SEED, head, tail)));
      }
    } else {
      RowLayout layout = layout(1);
      for (int i = 0; i < count; i++) {
        Memory.putLong(rows[i], Keys.finish(layout.hashKey(rows[i], 0, Keys.SEED)));
      }
    }
  }

  // ---- reading

  /** Whether the value of a row at a place is NULL. */
  public boolean isNull(long row, int place) {
    int bit = nullBits[place];
    return bit >= 0
        && (Memory.getLong(row + RowLayout.KEY_OFFSET + 8 * (bit >>> 6)) >>> bit & 1) != 0;
  }

  /** Where the value of a row at a place is. */
  public long address(long row, int place) {
    return row + offsets[place];
  }

  /** The first word of the value of a row at a place. */
  public long word(long row, int place) {
    return Memory.getLong(row + offsets[place]);
  }

  /**
   * Reads the values of rows at a place into a column, from row {@code firstRow} on.
   *
   * @param none the address among {@code rows} that stands for no row, whose value is NULL: that of a
   *     row of zeros; or 0 where there is none
   */
  public void read(int place, long[] rows, int count, Column target, int firstRow, long none) {
    final int offset = offsets[place];
    switch (kinds[place].width()) {
      case -1 -> {
        for (int i = 0; i < count; i++) {
          long view = rows[i] + offset;
          target.putView(firstRow + i, Memory.getLong(view), Memory.getLong(view + 8));
        }
      }
      case 16 -> {
        for (int i = 0; i < count; i++) {
          long at = rows[i] + offset;
          target.putDecimal(firstRow + i, Memory.getLong(at), Memory.getLong(at + 8));
        }
      }
      case 8 -> {
        final long data = target.dataAddress() + ((long) firstRow << 3);
        for (int i = 0; i < count; i++) {
          Memory.putLong(data + ((long) i << 3), Memory.getLong(rows[i] + offset));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          target.putLong(firstRow + i, Memory.getLong(rows[i] + offset));
        }
      }
    }
    if (none != 0 || nullBits[place] >= 0) {
      for (int i = 0; i < count; i++) {
        if (rows[i] == none || isNull(rows[i], place)) {
          target.setNull(firstRow + i);
        }
      }
    }
  }
}
