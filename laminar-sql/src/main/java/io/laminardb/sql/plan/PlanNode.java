package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.join.AsofSpec;
import io.laminardb.core.operator.join.JoinSpec;
import io.laminardb.core.operator.join.JoinType;
import io.laminardb.core.operator.join.SetOperation;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.core.operator.match.PatternAutomaton;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.validate.MatchClause;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexNode;

/**
 * The physical plan of a query: what planning hands to code generation and lowering. Immutable.
 *
 * <p>Expressions are Calcite's, with input references into the columns of the (single) input, hidden
 * ones included, in schema order. {@link Schema#isChangelog()} of a node says whether its rows carry
 * weights.
 *
 * <p>Past 600 lines: it is the whole family of nodes, a short record each.
 */
public sealed interface PlanNode {
  /** The rows this node makes. */
  Schema schema();

  /** What it reads. */
  List<PlanNode> inputs();

  /**
   * Rows of a source, stream, view or table: its changes as they happen, or, in a snapshot query,
   * the rows it holds, without weights.
   */
  record Scan(String object, Schema schema) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  /** Rows written in the statement itself; literals only. */
  record Values(List<List<RexNode>> rows, Schema schema) implements PlanNode {
    public Values {
      rows = rows.stream().map(List::copyOf).toList();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  /**
   * Filter, then project.
   *
   * @param condition rows for which it is TRUE pass; null passes all
   */
  record Calc(PlanNode input, RexNode condition, List<RexNode> projects, Schema schema)
      implements PlanNode {
    public Calc {
      projects = List.copyOf(projects);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Groups and aggregates, over windows or running. Filters and projections below it are fused into
   * {@code condition}, {@code keys} and the arguments of {@code calls}.
   *
   * <p>Output columns: the keys, then window_start and window_end where there is a window, then the
   * calls.
   *
   * @param condition rows for which it is TRUE count; null counts all
   * @param window null for a running aggregate
   * @param allowedLatenessNs how much longer than the watermark says windows stay open
   * @param emitEveryNs period of {@link Emission#EVERY}, else 0
   * @param stateTtlNs how long a group is kept that no row touches, in processing time; 0 for ever
   */
  record Aggregate(
      PlanNode input,
      RexNode condition,
      List<RexNode> keys,
      WindowSpec window,
      List<AggregateCall> calls,
      Emission emission,
      long emitEveryNs,
      long allowedLatenessNs,
      long stateTtlNs,
      Schema schema)
      implements PlanNode {
    public Aggregate {
      keys = List.copyOf(keys);
      calls = List.copyOf(calls);
    }

    /** One whose groups are kept. */
    public Aggregate(
        PlanNode input,
        RexNode condition,
        List<RexNode> keys,
        WindowSpec window,
        List<AggregateCall> calls,
        Emission emission,
        long emitEveryNs,
        long allowedLatenessNs,
        Schema schema) {
      this(
          input,
          condition,
          keys,
          window,
          calls,
          emission,
          emitEveryNs,
          allowedLatenessNs,
          0,
          schema);
    }

    /** Whether groups are forgotten that no row touches. */
    public boolean expires() {
      return stateTtlNs > 0;
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Copies each row into every window it belongs to, behind the row's own columns window_start and
   * window_end: a window table function without an aggregation above it. Rows of closed windows are
   * late.
   *
   * @param keys of sessions, the columns that tell whose they are; else empty
   * @param allowedLatenessNs how much longer than the watermark says windows stay open
   */
  record AssignWindows(
      PlanNode input, List<RexNode> keys, WindowSpec window, long allowedLatenessNs, Schema schema)
      implements PlanNode {
    public AssignWindows {
      keys = List.copyOf(keys);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Joins two inputs. Output columns: those of the left one, then, where the type has pairs, those of
   * the right one.
   *
   * @param keys equal columns; none compares every row with every other
   * @param condition what else has to hold, over {@link #pairs}, or null
   * @param time which of the keys is a bound of windows, so that rows of closed ones are forgotten, or
   *     null
   * @param unmatchedAtEnd whether rows without a match are emitted once, when their window closes or,
   *     without one, at the end of input
   * @param columns the output's, as columns of the left input and, counted behind them, of the right one
   */
  record Join(
      PlanNode left,
      PlanNode right,
      JoinType type,
      List<JoinKey> keys,
      RexNode condition,
      JoinKey time,
      boolean unmatchedAtEnd,
      List<Integer> columns,
      Schema schema)
      implements PlanNode {
    public Join {
      keys = List.copyOf(keys);
      columns = List.copyOf(columns);
    }

    /** A join that answers all columns. */
    public Join(
        PlanNode left,
        PlanNode right,
        JoinType type,
        List<JoinKey> keys,
        RexNode condition,
        JoinKey time,
        boolean unmatchedAtEnd,
        Schema schema) {
      this(
          left,
          right,
          type,
          keys,
          condition,
          time,
          unmatchedAtEnd,
          JoinSpec.allColumns(type, left.schema(), right.schema()),
          schema);
    }

    /** The same join with some of its columns, {@code newSchema}. */
    public Join narrowed(List<Integer> picked, Schema newSchema) {
      return new Join(
          left,
          right,
          type,
          keys,
          condition,
          time,
          unmatchedAtEnd,
          picked.stream().map(columns::get).toList(),
          newSchema);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }

    /** Columns of both sides: what the condition is over. */
    public Schema pairs() {
      List<Field> fields = new ArrayList<>(left.schema().fields());
      fields.addAll(right.schema().fields());
      return new Schema(fields, false);
    }
  }

  /**
   * Columns of two inputs that are equal, of one type.
   *
   * @param nullSafe whether NULL equals NULL; else it matches nothing
   */
  record JoinKey(int left, int right, boolean nullSafe) {}

  /**
   * A join that forgets keys that no row of either input has touched for some time.
   *
   * @param stateTtlNs nanoseconds of processing time
   */
  record ExpiringJoin(Join join, long stateTtlNs) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return join.inputs();
    }

    @Override
    public Schema schema() {
      return join.schema();
    }
  }

  /**
   * A join of append-only inputs whose times are near each other; it forgets rows that nothing can
   * match any more. Rows without a match are emitted once, when that is known, where {@link
   * Join#unmatchedAtEnd} says so; else at once, and taken back by their first match.
   *
   * @param leftTime time attribute of the left input
   * @param rightTime time attribute of the right input
   * @param lower a pair has a right time of at least the left one and this, in the finer of both units
   * @param upper a pair has a right time of at most the left one and this
   */
  record IntervalJoin(Join join, int leftTime, int rightTime, long lower, long upper)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return join.inputs();
    }

    @Override
    public Schema schema() {
      return join.schema();
    }

    /** The same join with some of its columns, {@code newSchema}. */
    public IntervalJoin narrowed(List<Integer> picked, Schema newSchema) {
      return new IntervalJoin(join.narrowed(picked, newSchema), leftTime, rightTime, lower, upper);
    }

    /** The unit of the bounds. */
    public long nanosPerUnit() {
      return Math.min(
          join.left().schema().field(leftTime).type().nanosPerUnit(),
          join.right().schema().field(rightTime).type().nanosPerUnit());
    }
  }

  /**
   * Rows of the left input with what the right one, a table, holds as of a moment. Output columns:
   * those of the left input, then those of the right one.
   *
   * @param join an INNER or LEFT join
   * @param rowTime time attribute of the left input that says as of when, or -1: when the row comes
   * @param versionTime time attribute of the right input that says from when on a row holds, or -1
   */
  record TemporalJoin(Join join, int rowTime, int versionTime, Schema schema) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return join.inputs();
    }
  }

  /**
   * Rows with what a table holds when they come, read by an index. Output columns: those of the left
   * input, then those of the table.
   *
   * @param join an INNER or LEFT join, whose right input is the table and no node that runs, and whose
   *     keys are those of the index, in its order
   * @param table its name
   * @param primary whether the index is the primary key
   */
  record TableJoin(Join join, String table, boolean primary, Schema schema) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(join.left());
    }
  }

  /**
   * Rows with what a table outside answers when it is asked for their key. Output columns: those of the
   * left input, then those of the table.
   *
   * @param join an INNER or LEFT join, whose right input is the table and no node that runs
   * @param table its name
   */
  record LookupJoin(
      Join join,
      String table,
      LookupConnector connector,
      List<LookupCondition> conditions,
      Schema schema)
      implements PlanNode {
    public LookupJoin {
      conditions = List.copyOf(conditions);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(join.left());
    }
  }

  /**
   * Each left row with the nearest right row of equal keys, or NULLs.
   *
   * @param comparison how a left value compares to the right one that it matches
   * @param leftTime the column of the left input that is compared
   * @param rightTime the column of the right input that is compared
   * @param tolerance how far apart the times may be, in the finer of both units; {@link
   *     AsofSpec#NO_TOLERANCE} for any distance
   * @param columns the output's, as columns of the left input and, counted behind them, of the right one
   */
  record AsofJoin(
      PlanNode left,
      PlanNode right,
      List<JoinKey> keys,
      AsofSpec.Comparison comparison,
      int leftTime,
      int rightTime,
      long tolerance,
      Mode mode,
      List<Integer> columns,
      Schema schema)
      implements PlanNode {
    /** When left rows are answered. */
    public enum Mode {
      /** Once, when the watermarks say that nothing nearer is to come; of append-only inputs. */
      EVENT_TIME,

      /** At once, and again when the nearest row changes. */
      CHANGES,

      /** Once, at the end of input. */
      ON_END
    }

    public AsofJoin {
      keys = List.copyOf(keys);
      columns = List.copyOf(columns);
    }

    /** The same join with some of its columns, {@code newSchema}. */
    public AsofJoin narrowed(List<Integer> picked, Schema newSchema) {
      return new AsofJoin(
          left,
          right,
          keys,
          comparison,
          leftTime,
          rightTime,
          tolerance,
          mode,
          picked.stream().map(columns::get).toList(),
          newSchema);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }
  }

  /**
   * INTERSECT and EXCEPT.
   *
   * @param atEnd whether the result is emitted once, at the end of input
   * @param stateTtlNs how long a row is kept that comes from no input, in processing time; 0 for ever
   */
  record SetOp(
      SetOperation operation, List<PlanNode> inputs, boolean atEnd, long stateTtlNs, Schema schema)
      implements PlanNode {
    public SetOp {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * Sets aside rows that are late for all their windows, or have no time, ahead of operators that copy
   * rows: each of them counts once.
   *
   * @param window neither a session, nor with a watermark a key
   */
  record LateRows(PlanNode input, WindowSpec window, long allowedLatenessNs) implements PlanNode {
    @Override
    public Schema schema() {
      return input.schema();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Copies each row once a grouping set, with the keys that are not in the set NULL. Its columns are
   * those of the input, the keys first, and then the number of the set.
   *
   * @param sets for each set, from 0, which of the keys it holds
   */
  record Expand(PlanNode input, List<boolean[]> sets, Schema schema) implements PlanNode {
    public Expand {
      sets = List.copyOf(sets);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * A row for each element of a row's collections, which are the last columns of the input.
   *
   * @param collections how many they are; the columns before them are passed on
   * @param expand whether elements that are ROWs become a column a field
   * @param outer whether rows without elements are passed on
   * @param ordinality whether the last column is the place of the element, from 1
   */
  record Unnest(
      PlanNode input,
      int collections,
      boolean expand,
      boolean outer,
      boolean ordinality,
      Schema schema)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /** Passes changes on once a period of processing time, those that cancel each other not at all. */
  record Pace(PlanNode input, long everyNs) implements PlanNode {
    @Override
    public Schema schema() {
      return input.schema();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /** UNION ALL. */
  record Union(List<PlanNode> inputs, Schema schema) implements PlanNode {
    public Union {
      inputs = List.copyOf(inputs);
    }
  }

  /** The same rows, of which no watermark says that one is late, nor that a window is over. */
  record Timeless(PlanNode input) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }

    @Override
    public Schema schema() {
      return input.schema();
    }
  }

  /**
   * ORDER BY, OFFSET and LIMIT of a snapshot query: emits at the end of input.
   *
   * @param offset rows to skip
   * @param limit rows to emit at most, or -1
   */
  record Sort(PlanNode input, List<SortKey> keys, long offset, long limit, Schema schema)
      implements PlanNode {
    public Sort {
      keys = List.copyOf(keys);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Functions over one ordering of partitions. Output columns: the input's, then the calls.
   *
   * @param partition columns that make up the partition
   * @param mode when results are emitted; null for each row once, in event-time order, when the
   *     watermark says that nothing can come before it any more
   * @param keyTime then, where that is the watermark of the row's own key; else null
   */
  record Over(
      PlanNode input,
      List<Integer> partition,
      List<SortKey> keys,
      List<OverCall> calls,
      OverMode mode,
      KeyTime keyTime,
      Schema schema)
      implements PlanNode {
    public Over {
      partition = List.copyOf(partition);
      keys = List.copyOf(keys);
      calls = List.copyOf(calls);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * One function of an {@link Over}.
   *
   * @param argument column it reads, or -1
   * @param count rows of LAG and LEAD, the n of NTH_VALUE, buckets of NTILE
   * @param otherwise column of what LAG and LEAD give outside of the partition, or -1 for NULL
   * @param frame null for functions that have none
   * @param aggregate what AGGREGATE computes over the frame, else null
   * @param output name and type of the result
   */
  record OverCall(
      OverFunction function,
      int argument,
      long count,
      int otherwise,
      boolean ignoreNulls,
      Frame frame,
      AggregateCall aggregate,
      Field output) {}

  /**
   * Matches of a pattern in partitions of append-only rows. Output columns: the measures.
   *
   * @param partition columns that make up the partition; none for one
   * @param keys event time first, ascending
   * @param clause the pattern, and what else needs no columns
   * @param automaton of the pattern
   * @param spanUnits how far rows of a match may be apart, in units of the time column
   * @param asked what conditions ask for, a column of {@code conditionInput} each
   * @param conditions of the pattern's variables, over {@code conditionInput}; null for any row
   * @param measures what comes out
   * @param keyTime where the watermark of a row's own key says when its turn is; else null
   */
  record Match(
      PlanNode input,
      List<Integer> partition,
      List<SortKey> keys,
      MatchClause clause,
      PatternAutomaton automaton,
      long spanUnits,
      List<PathValue> asked,
      Schema conditionInput,
      List<RexNode> conditions,
      List<PathValue> measures,
      KeyTime keyTime,
      Schema schema)
      implements PlanNode {
    public Match {
      partition = List.copyOf(partition);
      keys = List.copyOf(keys);
      asked = List.copyOf(asked);
      measures = List.copyOf(measures);
    }

    /** For each variable the columns its condition reads, null without one. */
    public List<List<Integer>> askedFor() {
      List<List<Integer>> all = new ArrayList<>();
      for (RexNode condition : conditions) {
        all.add(condition == null ? null : RelOptUtil.InputFinder.bits(condition).asList());
      }
      return all;
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * The rows of each partition whose rank lies within bounds. Output columns: the input's, then the
   * rank where it is asked for.
   *
   * @param partition columns that make up the partition; none for one
   * @param keys none for the order of arrival
   * @param first the least rank, from 1
   * @param last the greatest
   * @param hasRank whether the rank is a column
   * @param mode when results are emitted; null for the first rows of each partition by event time,
   *     once each, when the watermark has passed them
   */
  record TopN(
      PlanNode input,
      List<Integer> partition,
      List<SortKey> keys,
      RankKind kind,
      long first,
      long last,
      boolean hasRank,
      OverMode mode,
      Schema schema)
      implements PlanNode {
    public TopN {
      partition = List.copyOf(partition);
      keys = List.copyOf(keys);
    }

    /** Whether one row of each key stays, and others are forgotten. */
    public boolean isDeduplication() {
      return kind == RankKind.ROW_NUMBER
          && first == 1
          && last == 1
          && !partition.isEmpty()
          && !input.schema().isChangelog();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /** A column to sort by. */
  record SortKey(int column, boolean descending, boolean nullsFirst) {}

  /** When an aggregate speaks. */
  enum Emission {
    /** One row a group when its window closes; append-only. */
    ON_WINDOW_CLOSE,

    /** Every change at once: the old row with weight -1, then the new one with +1. */
    CHANGES,

    /** Changes, gathered and emitted at most once a period of processing time. */
    EVERY,

    /** One row a group at the end of input; append-only. What a snapshot query does. */
    ON_END
  }

  /** Aggregate functions. */
  enum AggregateKind {
    /** Without an argument COUNT(*). */
    COUNT,
    SUM,
    AVG,
    MIN,
    MAX,
    /** By event time, ties by arrival. */
    FIRST,
    /** By event time, ties by arrival. */
    LAST,
    STDDEV_POP,
    STDDEV_SAMP,
    VAR_POP,
    VAR_SAMP,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    /** Between the values around a rank. */
    QUANTILE_CONT,
    /** A value at a rank. */
    QUANTILE_DISC,
    /** The most frequent value. */
    MODE,
    /** By a sketch; of input that is never taken back. */
    APPROX_COUNT_DISTINCT,
    /** Texts with a separator; the argument is an entry, see {@link AggregateDetail}. */
    STRING_AGG,
    /** The values themselves; likewise. */
    ARRAY_AGG,
    /** Values by key; the argument is an entry of a ROW of both. */
    MAP_AGG,
    /** Written by a user. */
    USER
  }

  /**
   * What some aggregate functions need beside their arguments.
   *
   * @param fraction of a quantile
   * @param descending whether quantiles count from the greatest value, and MODE prefers it
   * @param separator of STRING_AGG, or null
   * @param keyed whether entries begin with the keys that they are ordered by
   * @param user the function that a user wrote, or null
   */
  record AggregateDetail(
      double fraction, boolean descending, String separator, boolean keyed, UserAggregate user) {
    /** Of a quantile, or of MODE. */
    static AggregateDetail rank(double fraction, boolean descending) {
      return new AggregateDetail(fraction, descending, null, false, null);
    }

    /** Of a function that collects entries. */
    static AggregateDetail entries(String separator, boolean keyed) {
      return new AggregateDetail(0, false, separator, keyed, null);
    }

    /** Of a function that a user wrote. */
    static AggregateDetail of(UserAggregate user) {
      return new AggregateDetail(0, false, null, false, user);
    }
  }

  /**
   * One aggregate function call.
   *
   * @param arguments over the input's columns
   * @param filter rows for which it is TRUE count; null counts all
   * @param orderTime event time that FIRST and LAST go by, and entries without keys; or null: by
   *     arrival
   * @param output name and type of the result
   * @param detail or null
   */
  record AggregateCall(
      AggregateKind kind,
      List<RexNode> arguments,
      boolean distinct,
      RexNode filter,
      RexNode orderTime,
      Field output,
      AggregateDetail detail) {
    public AggregateCall {
      arguments = List.copyOf(arguments);
    }

    /** Whether values have to be told apart before they are counted. */
    public boolean tellsValuesApart() {
      return distinct
          && switch (kind) {
            case MIN, MAX, FIRST, LAST, BIT_AND, BIT_OR -> false; // every copy gives the same
            case STRING_AGG, ARRAY_AGG, MAP_AGG -> false; // entries know how many copies there are
            case APPROX_COUNT_DISTINCT -> false; // that is what it does
            default -> true;
          };
    }

    /** A call that needs no detail. */
    public AggregateCall(
        AggregateKind kind,
        List<RexNode> arguments,
        boolean distinct,
        RexNode filter,
        RexNode orderTime,
        Field output) {
      this(kind, arguments, distinct, filter, orderTime, output, null);
    }
  }
}
