package io.laminardb.core.runtime;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.operator.OperatorFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A source: its rows and how its watermark moves.
 *
 * @param name unique among all streams of the engine
 * @param schema of its rows
 * @param timeColumn index of the event time column, or -1 for none
 * @param delayNs how far the watermark trails the maximum
 * @param watermarkKey columns whose values have watermarks of their own; empty for one watermark a
 *     partition
 * @param alignment with whom it keeps pace, or null
 * @param idleTimeout after how long without rows a handle stops holding the watermark back; zero for
 *     never; null for {@link #DEFAULT_IDLE_TIMEOUT} where there are several handles or sources that
 *     keep pace, else never
 * @param ringRows rows a handle holds before it is full; 0 for the engine's number
 * @param onFull what a handle does when it is full
 * @param intake what rows go through before anybody reads them, of the same schema, or null. As it
 *     may repeat rows of long ago, every reader's watermark is passed on before the next row.
 * @param kept whether its present content is kept, so that a reader that comes late gets it first:
 *     for a changelog whose intake, if any, does not know it
 * @param isTable whether it has no time: it never ends and holds nobody's watermark back
 * @param durability when its rows are on disk, where the engine is durable; null for the engine's mode
 * @param isReread whether its rows can be read again where they came from: a durable engine then counts
 *     them only, and has them back through {@link Rereading}
 */
public record SourceOptions(
    String name,
    Schema schema,
    int timeColumn,
    long delayNs,
    List<Integer> watermarkKey,
    Alignment alignment,
    Duration idleTimeout,
    int ringRows,
    OverflowPolicy onFull,
    OperatorFactory intake,
    boolean kept,
    boolean isTable,
    DurabilityMode durability,
    boolean isReread) {
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(10);

  public SourceOptions {
    watermarkKey = List.copyOf(watermarkKey);
  }

  public static SourceOptions of(String name, Schema schema) {
    return new SourceOptions(
        name,
        schema,
        -1,
        0,
        List.of(),
        null,
        null,
        0,
        OverflowPolicy.BLOCK,
        null,
        false,
        false,
        null,
        false);
  }

  /** The same with an event time column: a TIMESTAMP, or a BIGINT of epoch milliseconds. */
  public SourceOptions withTime(int column, long newDelayNs) {
    return with(
        copy -> {
          copy.timeColumn = column;
          copy.delayNs = newDelayNs;
        });
  }

  /** The same, whose watermark is the least of those of its keys. */
  public SourceOptions withWatermarkKey(List<Integer> columns) {
    return with(copy -> copy.watermarkKey = columns);
  }

  /** The same, which keeps pace with others. */
  public SourceOptions withAlignment(Alignment newAlignment) {
    return with(copy -> copy.alignment = newAlignment);
  }

  public SourceOptions withIdleTimeout(Duration timeout) {
    return with(copy -> copy.idleTimeout = timeout);
  }

  public SourceOptions withRingRows(int rows) {
    return with(copy -> copy.ringRows = rows);
  }

  public SourceOptions withOnFull(OverflowPolicy policy) {
    return with(copy -> copy.onFull = policy);
  }

  /** The same, whose rows go through an operator first. */
  public SourceOptions withIntake(OperatorFactory operator) {
    return with(copy -> copy.intake = operator);
  }

  /** The same with its present content kept. */
  public SourceOptions withKept() {
    return with(copy -> copy.kept = true);
  }

  /** The same as a table. */
  public SourceOptions withTable() {
    return with(copy -> copy.isTable = true);
  }

  /** The same, whose rows are on disk when {@code mode} says. */
  public SourceOptions withDurability(DurabilityMode mode) {
    return with(copy -> copy.durability = mode);
  }

  /** The same, whose rows can be read again. */
  public SourceOptions withReread() {
    return with(copy -> copy.isReread = true);
  }

  private SourceOptions with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return new SourceOptions(
        name,
        schema,
        copy.timeColumn,
        copy.delayNs,
        copy.watermarkKey,
        copy.alignment,
        copy.idleTimeout,
        copy.ringRows,
        copy.onFull,
        copy.intake,
        copy.kept,
        copy.isTable,
        copy.durability,
        copy.isReread);
  }

  /** What may be said otherwise. */
  private static final class Copy {
    private int timeColumn;
    private long delayNs;
    private List<Integer> watermarkKey;
    private Alignment alignment;
    private Duration idleTimeout;
    private int ringRows;
    private OverflowPolicy onFull;
    private OperatorFactory intake;
    private boolean kept;
    private boolean isTable;
    private DurabilityMode durability;
    private boolean isReread;

    Copy(SourceOptions of) {
      timeColumn = of.timeColumn;
      delayNs = of.delayNs;
      watermarkKey = of.watermarkKey;
      alignment = of.alignment;
      idleTimeout = of.idleTimeout;
      ringRows = of.ringRows;
      onFull = of.onFull;
      intake = of.intake;
      kept = of.kept;
      isTable = of.isTable;
      durability = of.durability;
      isReread = of.isReread;
    }
  }
}
