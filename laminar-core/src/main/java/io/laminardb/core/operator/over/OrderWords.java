package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * Sort keys as words of rows, compared one after the other as signed numbers: of each key the value,
 * whether it is NULL where it may be, the second half of a DECIMAL; of a text its first bytes, and then
 * the text itself. Descending ones are inverted; a NULL is least or greatest. One thread.
 */
final class OrderWords {
  /** What a word, or a comparison, is about. */
  private enum Part {
    VALUE,
    LOW_HALF,
    NULLNESS,
    TEXT
  }

  private record Step(Part part, SortOperator.Key key, DataType.Kind kind, int place) {}

  private final List<Step> steps = new ArrayList<>();
  private final int words;
  private final int offset;
  private final RowFormat format;
  private final Utf8 view = new Utf8();

  /** Words of rows that are ordered by these keys. */
  static int words(Schema schema, List<SortOperator.Key> keys) {
    return (int) steps(schema, keys, null).stream().filter(s -> s.part() != Part.TEXT).count();
  }

  /**
   * @param format of all columns of the rows
   * @param offset where the words of a row begin
   */
  OrderWords(Schema schema, List<SortOperator.Key> keys, RowFormat format, int offset) {
    this.format = format;
    this.offset = offset;
    steps.addAll(steps(schema, keys, format));
    words = words(schema, keys);
  }

  private static List<Step> steps(Schema schema, List<SortOperator.Key> keys, RowFormat format) {
    List<Step> steps = new ArrayList<>();
    for (SortOperator.Key key : keys) {
      DataType.Kind kind = schema.field(key.column()).type().kind();
      int place = format == null ? -1 : format.place(key.column());
      steps.add(new Step(Part.VALUE, key, kind, place));
      if (schema.field(key.column()).nullable()) {
        steps.add(new Step(Part.NULLNESS, key, kind, place));
      }
      if (kind == DataType.Kind.DECIMAL) {
        steps.add(new Step(Part.LOW_HALF, key, kind, place));
      } else if (kind.width() < 0) {
        steps.add(new Step(Part.TEXT, key, kind, place));
      }
    }
    return steps;
  }

  /** Whether rows whose first words are equal are peers. */
  boolean isFirstAll() {
    return steps.size() <= 1;
  }

  /** The first words of rows of a batch; zeros without a key. */
  void first(Batch batch, int[] rows, int count, long[] target) {
    if (steps.isEmpty()) {
      java.util.Arrays.fill(target, 0, count, 0);
      return;
    }
    Step step = steps.get(0);
    Column column = batch.column(step.key().column());
    if (step.kind().width() == 8 && step.kind() != DataType.Kind.DOUBLE) {
      final long data = column.dataAddress();
      final long flip = step.key().descending() ? -1 : 0;
      for (int i = 0; i < count; i++) {
        target[i] = Memory.getLong(data + ((long) rows[i] << 3)) ^ flip;
      }
    } else {
      for (int i = 0; i < count; i++) {
        target[i] = column.isNull(rows[i]) ? 0 : value(step, column, rows[i]);
      }
    }
    for (int i = 0; column.validityAddress() != 0 && i < count; i++) {
      target[i] = column.isNull(rows[i]) ? ofNull(step) : target[i];
    }
  }

  /** Writes the words of rows of a batch behind their copies. */
  void write(Batch batch, int[] selected, int count, long[] first, long[] rows) {
    int at = offset;
    for (Step step : steps) {
      if (step.part() == Part.TEXT) {
        continue;
      }
      Column column = batch.column(step.key().column());
      for (int i = 0; i < count; i++) {
        Memory.putLong(rows[i] + at, at == offset ? first[i] : word(step, column, selected[i]));
      }
      at += 8;
    }
  }

  private long word(Step step, Column column, int row) {
    boolean isNull = column.isNull(row);
    return switch (step.part()) {
      case NULLNESS -> isNull != step.key().nullsFirst() ? 1 : 0;
      case LOW_HALF -> isNull ? 0 : inverted(step, column.getDecimalLow(row) ^ Long.MIN_VALUE);
      default -> isNull ? ofNull(step) : value(step, column, row);
    };
  }

  private static long ofNull(Step step) {
    return step.key().nullsFirst() ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  private static long inverted(Step step, long word) {
    return step.key().descending() ? ~word : word;
  }

  private long value(Step step, Column column, int row) {
    return inverted(
        step,
        switch (step.kind()) {
          case REAL, DOUBLE -> Keys.orderOfDouble(column.getDouble(row));
          case DECIMAL -> column.getDecimalHigh(row);
          case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> {
            column.getBytes(row, view);
            yield Keys.orderOfText(view.address, view.length);
          }
          default -> column.getLong(row);
        });
  }

  /** The first word of a row; 0 without a key. */
  long first(long row) {
    return words == 0 ? 0 : Memory.getLong(row + offset);
  }

  /** Negative where a row comes before another one, 0 of peers. */
  int compare(long row, long other) {
    int at = offset;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int order;
      if (step.part() == Part.TEXT) {
        int texts =
            Keys.compareTexts(
                format.address(row, step.place()), format.address(other, step.place()));
        order = step.key().descending() ? -texts : texts;
      } else {
        order = Long.compare(Memory.getLong(row + at), Memory.getLong(other + at));
        at += 8;
      }
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
