package io.laminardb.internal.row;

import static java.util.Objects.checkFromIndexSize;
import static java.util.Objects.requireNonNull;

import io.laminardb.RowWriter;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Lengths;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.internal.Names;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.stream.IntStream;

/**
 * The row writer over a {@link RowTarget}. Column addresses are cached per batch; which columns of
 * the open row are set is known by a stamp per column, so that starting a row touches no array.
 *
 * <p>Rows before the open one may be read by another thread: only bytes (and validity bits) of the
 * open row are written, and a discarded row leaves its validity bits as it found them.
 */
public final class ColumnRowWriter implements RowWriter {
  private final RowTarget target;
  private final String owner;
  private final Schema schema;
  private final ValueErrors errors;
  private final int columnCount;
  private final Kind[] kinds;
  private final DataType[] types;
  private final int[] textColumns; // whose data moves when it grows
  private final long[] validity; // addresses, of the current batch; 0 where NOT NULL
  private final long[] offsets;
  private final long[] data;
  private final long[] dataCapacity;
  private final long[] stamps; // the row a column was last set for
  private Batch batch;
  private int row;
  private long rowStamp;
  private int setCount;
  private boolean open;
  private boolean hasNulls;
  private boolean waits;
  private boolean refused; // the open row needs a batch that is not to be had now

  /**
   * @param target where rows go
   * @param owner whose columns they are, for errors, such as {@code source "trades"}
   */
  public ColumnRowWriter(RowTarget target, String owner) {
    this.target = requireNonNull(target, "target");
    this.owner = requireNonNull(owner, "owner");
    this.schema = target.schema();
    this.errors = new ValueErrors(owner, schema);
    this.columnCount = schema.size();
    this.kinds = new Kind[columnCount];
    this.types = new DataType[columnCount];
    this.textColumns =
        IntStream.range(0, columnCount)
            .filter(i -> schema.field(i).type().isVariableWidth())
            .toArray();
    this.validity = new long[columnCount];
    this.offsets = new long[columnCount];
    this.data = new long[columnCount];
    this.dataCapacity = new long[columnCount];
    this.stamps = new long[columnCount];
    for (int i = 0; i < columnCount; i++) {
      types[i] = schema.field(i).type();
      kinds[i] = types[i].kind();
    }
  }

  /**
   * Pushes one row given as Java values in column order; see {@link ValueConverter}. When this
   * throws, nothing was pushed and no row is open.
   *
   * @param weight +1, or -1 to take the row back
   * @param wait whether to wait while the target is full, rather than to answer false
   */
  public boolean push(int weight, boolean wait, Object... values) {
    if (values.length != columnCount) {
      throw errors.arity(values.length);
    }
    if (!start(wait)) {
      return false;
    }
    try {
      for (int i = 0; i < columnCount; i++) {
        set(i, values[i]);
      }
      return end(weight);
    } finally {
      giveUp();
    }
  }

  /** Discards the open row, if there is one. */
  public void giveUp() {
    if (open) {
      discard();
    }
  }

  @Override
  public int column(String name) {
    int index = schema.indexOf(name);
    if (index < 0) {
      throw Names.notFound(owner, name, schema);
    }
    return index;
  }

  @Override
  public RowWriter begin() {
    if (!start(true)) {
      throw new LaminarException(ErrorCode.BACKPRESSURE, owner + " is full.")
          .mend("Use tryBegin() and try again later.");
    }
    return this;
  }

  @Override
  public boolean tryBegin() {
    return start(false);
  }

  /** {@link #begin} or {@link #tryBegin}, answering false when the target is full either way. */
  public boolean start(boolean wait) {
    if (!target.begin(wait)) { // or WRONG_THREAD, and another thread's row stays as it is
      return false;
    }
    if (open) {
      restoreValidity();
    }
    Batch current = target.batch();
    row = target.row();
    if (current != batch || hasMoved(current)) {
      attach(current);
    }
    rowStamp++;
    setCount = 0;
    hasNulls = false;
    refused = false;
    waits = wait;
    open = true;
    return true;
  }

  @Override
  public RowWriter setNull(int column) {
    check(column);
    if (validity[column] == 0) {
      throw errors.nullNotAllowed(column);
    }
    mark(column);
    hasNulls = true;
    batch.column(column).setNull(row);
    return this;
  }

  @Override
  public RowWriter setBoolean(int column, boolean value) {
    check(column);
    if (kinds[column] != Kind.BOOLEAN) {
      throw errors.wrongSetter(column, "setBoolean");
    }
    mark(column);
    if (value) {
      Memory.setBit(data[column], row);
    } else {
      Memory.clearBit(data[column], row);
    }
    return this;
  }

  @Override
  public RowWriter setInt(int column, int value) {
    return setLong(column, value);
  }

  @Override
  public RowWriter setLong(int column, long value) {
    check(column);
    if (kinds[column] == Kind.BIGINT) {
      mark(column);
      Memory.putLong(data[column] + ((long) row << 3), value);
      return this;
    }
    return setOtherLong(column, value);
  }

  private RowWriter setOtherLong(int column, long value) {
    switch (kinds[column]) {
      case TINYINT -> {
        checkRange(column, value, (byte) value);
        mark(column);
        Memory.putByte(data[column] + row, (byte) value);
      }
      case SMALLINT -> {
        checkRange(column, value, (short) value);
        mark(column);
        Memory.putShort(data[column] + ((long) row << 1), (short) value);
      }
      case INTEGER -> {
        checkRange(column, value, (int) value);
        mark(column);
        Memory.putInt(data[column] + ((long) row << 2), (int) value);
      }
      case REAL, DOUBLE -> setDouble(column, value);
      case DECIMAL -> setBigDecimal(column, BigDecimal.valueOf(value));
      case TIMESTAMP, TIMESTAMP_LTZ -> {
        long units;
        try {
          units = Times.millisToUnits(types[column], value);
        } catch (ArithmeticException e) {
          throw errors.outOfRange(column, value);
        }
        putLong(column, units);
      }
      default -> throw errors.wrongSetter(column, "setLong");
    }
    return this;
  }

  @Override
  public RowWriter setDouble(int column, double value) {
    check(column);
    if (kinds[column] == Kind.DOUBLE) {
      mark(column);
      Memory.putDouble(data[column] + ((long) row << 3), value);
    } else if (kinds[column] == Kind.REAL) {
      if (Float.isInfinite((float) value) && !Double.isInfinite(value)) {
        throw errors.outOfRange(column, value);
      }
      mark(column);
      Memory.putFloat(data[column] + ((long) row << 2), (float) value);
    } else {
      throw errors.wrongSetter(column, "setDouble");
    }
    return this;
  }

  @Override
  public RowWriter setBigDecimal(int column, BigDecimal value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    if (kinds[column] != Kind.DECIMAL) {
      throw errors.wrongSetter(column, "setBigDecimal");
    }
    BigInteger unscaled;
    try {
      unscaled = Decimals.unscaled(types[column], value);
    } catch (ArithmeticException e) {
      throw errors.outOfRange(column, value);
    }
    mark(column);
    Decimals.put(data[column] + ((long) row << 4), unscaled);
    return this;
  }

  @Override
  public RowWriter setString(int column, String value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    if (kinds[column] != Kind.VARCHAR) {
      throw errors.wrongSetter(column, "setString");
    }
    if (!Lengths.fits(types[column], value)) {
      throw errors.tooLong(column, value);
    }
    if (!hasRoom(column, 3L * value.length()) && !makeRoom(column, Utf8Encoder.length(value))) {
      return this;
    }
    mark(column);
    long at = offsets[column] + ((long) row << 2);
    int start = Memory.getInt(at);
    Memory.putInt(at + 4, start + Utf8Encoder.encode(value, data[column] + start));
    return this;
  }

  @Override
  public RowWriter setBytes(int column, byte[] value) {
    return value == null ? setNull(column) : setBytes(column, value, 0, value.length);
  }

  @Override
  public RowWriter setBytes(int column, byte[] value, int index, int length) {
    check(column);
    checkFromIndexSize(index, length, value.length);
    if (offsets[column] == 0 || types[column].isNested()) {
      throw errors.wrongSetter(column, "setBytes");
    }
    if (!Lengths.fits(types[column], value, index, length)) {
      throw errors.tooLong(column, value);
    }
    if (!makeRoom(column, length)) {
      return this;
    }
    mark(column);
    long at = offsets[column] + ((long) row << 2);
    int start = Memory.getInt(at);
    Memory.copyFromHeap(value, index, data[column] + start, length);
    Memory.putInt(at + 4, start + length);
    return this;
  }

  @Override
  public RowWriter setDate(int column, LocalDate value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    if (kinds[column] != Kind.DATE) {
      throw errors.wrongSetter(column, "setDate");
    }
    checkRange(column, value, value.toEpochDay(), (int) value.toEpochDay());
    mark(column);
    Memory.putInt(data[column] + ((long) row << 2), (int) value.toEpochDay());
    return this;
  }

  @Override
  public RowWriter setTime(int column, LocalTime value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    if (kinds[column] != Kind.TIME) {
      throw errors.wrongSetter(column, "setTime");
    }
    putLong(column, Times.toMicros(types[column], value));
    return this;
  }

  @Override
  public RowWriter setTimestamp(int column, LocalDateTime value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    if (!types[column].isTimestamp()) {
      throw errors.wrongSetter(column, "setTimestamp");
    }
    try {
      putLong(
          column,
          Times.toUnits(types[column], value.toEpochSecond(ZoneOffset.UTC), value.getNano()));
    } catch (ArithmeticException e) {
      throw errors.outOfRange(column, value);
    }
    return this;
  }

  @Override
  public RowWriter setInstant(int column, Instant value) {
    check(column);
    if (value == null) {
      return setNull(column);
    }
    checkTimeAttribute(column, "setInstant");
    try {
      putLong(column, Times.toUnits(types[column], value.getEpochSecond(), value.getNano()));
    } catch (ArithmeticException e) {
      throw errors.outOfRange(column, value);
    }
    return this;
  }

  @Override
  public RowWriter setEpochNanos(int column, long epochNs) {
    check(column);
    checkTimeAttribute(column, "setEpochNanos");
    putLong(column, Times.nanosToUnits(types[column], epochNs));
    return this;
  }

  @Override
  public RowWriter setObject(int column, Object value) {
    check(column);
    set(column, value);
    return this;
  }

  private void set(int column, Object value) {
    if (types[column].isNested() && value != null) {
      setNested(column, value);
    } else {
      ValueConverter.set(this, column, types[column], value, errors);
    }
  }

  private void setNested(int column, Object value) {
    var memory = batch.column(column).dataBuffer().getReferenceManager().getAllocator();
    try (NestedEncoder encoder = new NestedEncoder(schema.field(column), owner, memory)) {
      Utf8 bytes = encoder.encode(value);
      if (makeRoom(column, bytes.length)) {
        mark(column);
        long at = offsets[column] + ((long) row << 2);
        int start = Memory.getInt(at);
        Memory.copy(bytes.address, data[column] + start, bytes.length);
        Memory.putInt(at + 4, start + bytes.length);
      }
    }
  }

  @Override
  public boolean endRow() {
    return end(1);
  }

  @Override
  public boolean retractRow() {
    return end(-1);
  }

  /** Ends the row with its weight, +1 or -1. */
  public boolean end(int weight) {
    if (!open) {
      throw errors.noRow("endRow");
    }
    if (weight != 1 && !(weight == -1 && schema.isChangelog())) {
      throw errors.weight(weight);
    }
    if (refused) {
      discard();
      return false;
    }
    if (setCount != columnCount) {
      fillUnset();
    }
    open = false;
    return target.endRow(weight);
  }

  private void fillUnset() {
    for (int i = 0; i < columnCount; i++) {
      if (stamps[i] != rowStamp && validity[i] == 0) {
        throw errors.notSet(i);
      }
    }
    for (int i = 0; i < columnCount; i++) {
      if (stamps[i] != rowStamp) {
        setNull(i);
      }
    }
  }

  private void check(int column) {
    if (column < 0 || column >= columnCount) {
      throw Names.notFound(owner, column, schema);
    }
    if (!open) {
      throw errors.noRow("a setter");
    }
  }

  private void mark(int column) {
    if (stamps[column] != rowStamp) {
      stamps[column] = rowStamp;
      setCount++;
    } else if (validity[column] != 0) { // set before, perhaps to NULL
      Memory.setBit(validity[column], row);
    }
  }

  private void putLong(int column, long value) {
    mark(column);
    Memory.putLong(data[column] + ((long) row << 3), value);
  }

  private void checkRange(int column, long value, long narrowed) {
    if (value != narrowed) {
      throw errors.outOfRange(column, value);
    }
  }

  private void checkRange(int column, Object shown, long value, long narrowed) {
    if (value != narrowed) {
      throw errors.outOfRange(column, shown);
    }
  }

  private void checkTimeAttribute(int column, String setter) {
    if (!types[column].isTimestamp() && kinds[column] != Kind.BIGINT) {
      throw errors.wrongSetter(column, setter);
    }
  }

  private boolean hasRoom(int column, long bytes) {
    return Memory.getInt(offsets[column] + ((long) row << 2)) + bytes <= dataCapacity[column];
  }

  /** Whether there is room now; if not, the row is refused, and its texts have nowhere to go. */
  private boolean makeRoom(int column, long bytes) {
    if (refused) {
      return false;
    }
    if (hasRoom(column, bytes)) {
      return true;
    }
    Batch oldBatch = batch;
    int oldRow = row;
    if (!target.roll(column, bytes, waits)) {
      refused = true;
      return false;
    }
    Batch newBatch = target.batch();
    int newRow = target.row();
    if (newBatch != oldBatch || newRow != oldRow) {
      move(column, oldBatch, oldRow, newBatch, newRow);
    }
    row = newRow;
    attach(newBatch);
    return true;
  }

  private void move(int except, Batch from, int fromRow, Batch to, int toRow) {
    for (int i = 0; i < columnCount; i++) {
      if (stamps[i] == rowStamp && i != except) {
        to.column(i).copyFrom(from.column(i), fromRow, fromRow + 1, toRow);
      }
    }
    if (stamps[except] == rowStamp) { // its first value is about to be replaced
      stamps[except] = rowStamp - 1;
      setCount--;
    }
    restoreValidity();
  }

  private void discard() {
    restoreValidity();
    open = false;
    target.giveUp();
  }

  /** A row that is given up leaves "not NULL" behind, as an unwritten row has it. */
  private void restoreValidity() {
    if (hasNulls) {
      for (int i = 0; i < columnCount; i++) {
        if (validity[i] != 0) {
          Memory.setBit(validity[i], row);
        }
      }
    }
  }

  /** Whether the batch grew since, filled by somebody else with the rows before ours. */
  private boolean hasMoved(Batch current) {
    for (int column : textColumns) {
      if (current.column(column).dataAddress() != data[column]) {
        return true;
      }
    }
    return false;
  }

  private void attach(Batch current) {
    batch = current;
    for (int i = 0; i < columnCount; i++) {
      Column column = current.column(i);
      validity[i] = column.validityAddress();
      offsets[i] = column.offsetsAddress();
      data[i] = column.dataAddress();
      dataCapacity[i] = column.dataBuffer().capacity();
    }
  }
}
