package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.sort.SortOperator;
import java.util.List;

/**
 * The rows of each partition whose rank lies between two bounds. Of append-only input only rows that
 * may still get there are kept; of a changelog all are, since a better one may be taken back.
 *
 * <p>With the rank among the columns, a row whose rank changes is taken back and added anew; without
 * it, only rows that enter or leave are emitted. What leaves is emitted before what enters, so that
 * no two rows of a partition have the same number at a time. A row's tag is the rank it was emitted
 * with, or 0.
 */
public final class TopNOperator extends PartitionOperator {
  /** How many rows of a partition are emitted and not taken back. */
  private static final int EMITTED = WORDS;

  /**
   * Makes them.
   *
   * @param inputSchema what comes in
   * @param partition columns of the partition; none for one partition
   * @param keys sort keys; none for the order of arrival
   * @param first the least rank that is emitted, from 1
   * @param last the greatest
   * @param outputSchema the input's columns, then a BIGINT for the rank or nothing; a changelog
   *     unless the mode is final
   */
  public record Factory(
      Schema inputSchema,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      RankKind kind,
      long first,
      long last,
      OverMode mode,
      Schema outputSchema)
      implements OperatorFactory {
    public Factory {
      requireNonNull(kind, "kind");
      requireNonNull(mode, "mode");
      partition = List.copyOf(partition);
      keys = List.copyOf(keys);
      if (first < 1 || outputSchema.isChangelog() == mode.isFinal()) {
        throw new IllegalArgumentException("ranks from " + first + " on, " + mode);
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TopNOperator(this, context);
    }

    @Override
    public long watermarkGrainNs() {
      return mode.timeColumn() < 0 ? Long.MAX_VALUE : 0;
    }

    @Override
    public String fingerprint() {
      return "TopN " + List.of(kind, partition, keys, first, last, mode) + outputSchema.types();
    }
  }

  private final RankKind kind;
  private final long first;
  private final long last;
  private final boolean appendOnly;
  private final int rankColumn; // or -1
  private boolean adding; // of the two steps of settling, the second
  private boolean isUnderWay; // the fields below are about a partition
  private int place;
  private long rank;
  private long seen; // emitted rows before the place

  private TopNOperator(Factory factory, OperatorContext context) {
    super(
        factory.inputSchema(),
        factory.outputSchema(),
        factory.partition(),
        factory.keys(),
        factory.mode(),
        1,
        false,
        context);
    kind = factory.kind();
    first = factory.first();
    last = factory.last();
    appendOnly = !factory.inputSchema().isChangelog();
    int inputs = factory.inputSchema().size();
    rankColumn = factory.outputSchema().size() > inputs ? inputs : -1;
  }

  @Override
  void add(long partition) {
    int at = rows.placeIn(partition);
    if (appendOnly && isBeyond(partition, at)) {
      return;
    }
    rows.insertLooked(partition, at);
    if (appendOnly && isFinal()) {
      dropBeyond(partition);
    }
    markDirty(partition);
  }

  /** Whether a row that came to this place can never be emitted. */
  private boolean isBeyond(long partition, int at) {
    return switch (kind) {
      case ROW_NUMBER -> at >= last;
      case RANK, WITH_TIES -> at >= last && rows.peersIn(partition) >= last;
      case DENSE_RANK -> false;
    };
  }

  /** Frees rows at the end that can never be emitted; the cheap cases, as nothing was emitted yet. */
  private void dropBeyond(long partition) {
    int count = PartitionedRows.count(partition);
    if (kind == RankKind.DENSE_RANK || count <= last) {
      return;
    }
    int from =
        kind == RankKind.ROW_NUMBER ? count - 1 : PartitionedRows.peersStart(partition, count - 1);
    if (from >= last) {
      rows.remove(partition, from, count);
    }
  }

  @Override
  void take(long partition) {
    int at = rows.placeOfEqual(partition);
    if (at < 0) {
      rows.owe(partition);
      return;
    }
    long taken = PartitionedRows.row(partition, at);
    if (PartitionedRows.tag(taken) != 0) {
      emit(taken, -1);
      countEmitted(partition, -1);
    }
    rows.remove(partition, at, at + 1);
    markDirty(partition);
  }

  private static void countEmitted(long partition, int more) {
    Memory.putLong(partition + EMITTED, Memory.getLong(partition + EMITTED) + more);
  }

  @Override
  boolean settle(long partition, Output output) {
    if (!isUnderWay) {
      begin();
    }
    if (!adding) {
      if (!takeBack(partition, output)) {
        return false;
      }
      begin();
      adding = true;
    }
    if (!addNew(partition, output)) {
      return false;
    }
    if (appendOnly && place < PartitionedRows.count(partition)) {
      rows.remove(partition, place, PartitionedRows.count(partition));
    }
    adding = false;
    isUnderWay = false;
    return true;
  }

  @Override
  boolean complete(long partition, Output output) {
    if (!isUnderWay) {
      begin();
    }
    if (!addNew(partition, output)) {
      return false;
    }
    isUnderWay = false;
    return true;
  }

  private void begin() {
    isUnderWay = true;
    place = 0;
    rank = 0;
    seen = 0;
  }

  /** Takes back what was emitted and is not, or not with that rank, any more. */
  private boolean takeBack(long partition, Output output) {
    int count = PartitionedRows.count(partition);
    for (; place < count; place++) {
      long row = PartitionedRows.row(partition, place);
      long number = rankAt(partition, row);
      long emitted = PartitionedRows.tag(row);
      if (emitted == 0) {
        if (number > last && seen == Memory.getLong(partition + EMITTED)) {
          break;
        }
      } else if (emitted == wanted(number)) {
        seen++;
      } else {
        if (!hasRoom(output)) {
          return false;
        }
        emit(row, -1);
        PartitionedRows.tag(row, 0);
        countEmitted(partition, -1);
      }
      rank = number;
    }
    return true;
  }

  private boolean addNew(long partition, Output output) {
    int count = PartitionedRows.count(partition);
    for (; place < count; place++) {
      long row = PartitionedRows.row(partition, place);
      long number = rankAt(partition, row);
      if (number > last) {
        break;
      }
      if (number >= first && PartitionedRows.tag(row) == 0) {
        if (!hasRoom(output)) {
          return false;
        }
        PartitionedRows.tag(row, wanted(number));
        emit(row, 1);
        countEmitted(partition, 1);
      }
      rank = number;
    }
    return true;
  }

  /** The tag of a row that is emitted with this rank; 0 if it is not. */
  private long wanted(long number) {
    return number < first || number > last ? 0 : rankColumn < 0 ? 1 : number;
  }

  /** The rank at {@link #place}, where {@link #rank} is the one before. */
  private long rankAt(long partition, long row) {
    if (kind == RankKind.ROW_NUMBER) {
      return place + 1L;
    }
    boolean sharing = kind != RankKind.WITH_TIES || rank == last;
    if (place > 0
        && sharing
        && PartitionedRows.arePeers(PartitionedRows.row(partition, place - 1), row)) {
      return rank;
    }
    return kind == RankKind.DENSE_RANK ? rank + 1 : place + 1L;
  }

  @Override
  boolean isEmitted(long row) {
    return PartitionedRows.tag(row) != 0;
  }

  @Override
  void emit(long row, int weight) {
    int at = out.rowCount();
    rows.codec().readColumns(PartitionedRows.bytesOf(row), out, 0);
    if (rankColumn >= 0) {
      out.column(rankColumn).putLong(at, PartitionedRows.tag(row));
    }
    if (out.weightsAddress() == 0) {
      out.endRow();
    } else {
      out.endRow(weight);
    }
  }
}
