package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.join.JoinType;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.plan.PlanNode.JoinKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Plans joins with a table as of a moment: of event time, by its versions; or of processing time, as
 * what it holds when a row comes.
 */
final class TemporalJoins {
  private final CatalogSnapshot catalog;
  private final RexBuilder rex;
  private final Windows windows;
  private final Function<String, List<List<Integer>>> indexes;

  /**
   * @param indexes columns of the secondary indexes of an object
   */
  TemporalJoins(
      CatalogSnapshot catalog,
      RexBuilder rex,
      Windows windows,
      Function<String, List<List<Integer>>> indexes) {
    this.indexes = indexes;
    this.catalog = catalog;
    this.rex = rex;
    this.windows = windows;
  }

  /** The table outside that is all that is read, or null. */
  CatalogObject external(Pipe rows) {
    CatalogObject object =
        rows.base() instanceof PlanNode.Scan scan ? catalog.find(scan.object()) : null;
    return object != null && object.isExternal() ? object : null;
  }

  /** The join of {@code left} with {@code right}, with the columns that Calcite gives it. */
  Pipe plan(MarkedJoin join, Pipe left, Pipe right) {
    CatalogObject external = external(right);
    if (external != null) {
      return lookup(join, left, right, external);
    }
    JoinType type = join.type() == JoinRelType.LEFT ? JoinType.LEFT : JoinType.INNER;
    int leftColumns = join.getLeft().getRowType().getFieldCount();
    boolean versions = join.match() != null;
    Pipe indexed = versions ? null : indexed(join, left, right);
    if (indexed != null) {
      return indexed;
    }
    JoinCondition condition = JoinCondition.of(join.condition(), leftColumns, rex);
    List<RexNode> rest = new ArrayList<>(condition.rest());
    Pipe leftRows = left.resolveWindows(windows);
    Pipe rightRows = right.resolveWindows(windows);
    if (type == JoinType.LEFT) {
      rest.addAll(condition.left());
    } else {
      leftRows = JoinPlanner.filter(leftRows, condition.left(), rex);
    }
    if (versions) {
      // A version for which it does not hold ends the one before all the same.
      condition.right().forEach(part -> rest.add(RexUtil.shift(part, leftColumns)));
    } else {
      rightRows = JoinPlanner.filter(rightRows, condition.right(), rex);
    }
    JoinSide leftSide = new JoinSide(rex, join.getLeft(), leftRows);
    JoinSide rightSide = new JoinSide(rex, join.getRight(), rightRows);
    List<JoinCondition.Equality> equalities = new ArrayList<>(condition.keys());
    int leftTime = -1;
    int rightTime = -1;
    if (versions) {
      CatalogObject table = versioned(rightRows);
      TimeColumn rows = rowTime(join, leftSide, leftColumns, table);
      keepKey(equalities, rightRows, table, rest, leftColumns);
      TimeColumn version = versionTime(rows, rightSide, table);
      windows.follow(rows);
      windows.follow(version);
      leftTime = rows.column();
      rightTime = version.column();
    }
    PlanNode.Join made = join(type, leftSide, rightSide, equalities, rest);
    PlanNode node = new PlanNode.TemporalJoin(made, leftTime, rightTime, schema(made));
    List<RexNode> rightColumns =
        Pipe.references(rex, made.right().schema()).subList(0, rightSide.columns());
    return new Pipe(rex, node, leftSide.times(), null, columns(node, leftSide, made, rightColumns));
  }

  private static Schema schema(PlanNode.Join join) {
    return new Schema(join.schema().fields(), join.left().schema().isChangelog());
  }

  /** The columns Calcite knows, over those of a join. */
  private List<RexNode> columns(
      PlanNode node, JoinSide left, PlanNode.Join join, List<RexNode> right) {
    List<RexNode> columns = new ArrayList<>();
    for (int i = 0; i < left.columns(); i++) {
      columns.add(Pipe.reference(rex, node.schema(), i));
    }
    int leftSize = join.left().schema().size();
    RexShuttle ofNode =
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return Pipe.reference(rex, node.schema(), leftSize + reference.getIndex());
          }
        };
    right.forEach(column -> columns.add(column.accept(ofNode)));
    return columns;
  }

  private PlanNode.Join join(
      JoinType type,
      JoinSide left,
      JoinSide right,
      List<JoinCondition.Equality> equalities,
      List<RexNode> rest) {
    List<JoinKey> keys = new ArrayList<>();
    for (JoinCondition.Equality key : equalities) {
      keys.add(new JoinKey(left.column(key.left()), right.column(key.right()), key.nullSafe()));
    }
    PlanNode leftNode = left.node();
    PlanNode rightNode = right.node();
    int leftSize = leftNode.schema().size();
    RexNode condition =
        rest.isEmpty()
            ? null
            : JoinPlanner.spread(
                RexUtil.composeConjunction(rex, rest), left.columns(), leftSize, rex);
    List<Field> fields = new ArrayList<>();
    JoinPlanner.addFields(leftNode, false, fields);
    JoinPlanner.addFields(rightNode, type == JoinType.LEFT, fields);
    return new PlanNode.Join(
        leftNode, rightNode, type, keys, condition, null, false, new Schema(fields, true));
  }

  // ---- what is asked for by key

  /** A join with a table whose rows are asked for by key: equalities, and all else that is to hold. */
  private final class ByKey {
    final MarkedJoin join;
    final Pipe right;
    final JoinType type;
    final int leftColumns;
    final Pipe leftRows;
    final List<JoinCondition.Equality> equalities;
    final List<RexNode> rest;

    ByKey(MarkedJoin join, Pipe left, Pipe right) {
      this.join = join;
      this.right = right;
      type = join.type() == JoinRelType.LEFT ? JoinType.LEFT : JoinType.INNER;
      leftColumns = join.getLeft().getRowType().getFieldCount();
      JoinCondition condition =
          JoinCondition.of(overTable(join.condition(), leftColumns, right), leftColumns, rex);
      equalities = new ArrayList<>(condition.keys());
      rest = new ArrayList<>(condition.rest());
      condition.right().forEach(part -> rest.add(RexUtil.shift(part, leftColumns)));
      RelOptUtil.conjunctions(right.condition())
          .forEach(part -> rest.add(RexUtil.shift(part, leftColumns)));
      Pipe rows = left.resolveWindows(windows);
      if (type == JoinType.LEFT) {
        rest.addAll(condition.left());
      } else {
        rows = JoinPlanner.filter(rows, condition.left(), rex);
      }
      leftRows = rows;
    }

    /** Whether all columns of an index are equal to something; leaves these equalities, in its order. */
    boolean serves(List<Integer> index) {
      List<JoinCondition.Equality> others = new ArrayList<>(equalities);
      List<JoinCondition.Equality> found = new ArrayList<>();
      for (int column : index) {
        for (JoinCondition.Equality equality : others) {
          if (equality.right() instanceof RexInputRef of && of.getIndex() == column) {
            found.add(equality);
            others.remove(equality);
            break;
          }
        }
      }
      if (found.size() < index.size()) {
        return false;
      }
      others.forEach(other -> rest.add(equal(other, leftColumns)));
      equalities.clear();
      equalities.addAll(found);
      return true;
    }

    /** The join by the equalities that are left. */
    Pipe plan(Function<PlanNode.Join, PlanNode> make) {
      JoinSide leftSide = new JoinSide(rex, join.getLeft(), leftRows);
      JoinSide rightSide = new JoinSide(rex, (PlanNode.Scan) right.base());
      PlanNode.Join made = join(type, leftSide, rightSide, equalities, rest);
      PlanNode node = make.apply(made);
      return new Pipe(
          rex, node, leftSide.times(), null, columns(node, leftSide, made, right.projects()));
    }
  }

  /** The join of {@code left} with a table outside, which is asked for the keys of rows. */
  private Pipe lookup(MarkedJoin join, Pipe left, Pipe right, CatalogObject table) {
    if (join.match() != null) {
      throw at(
          table,
          new LaminarException(
                  ErrorCode.NOT_SUPPORTED,
                  table.describe() + " says what it holds now, and not what it held before.")
              .mend("Write FOR SYSTEM_TIME AS OF PROCTIME()."));
    }
    Pipe read = narrowed(right);
    Schema columns = read.base().schema();
    ByKey byKey = new ByKey(join, left, read);
    keepAskable(byKey.equalities, table, columns, byKey.rest, byKey.leftColumns);
    List<LookupCondition> conditions =
        LookupConditions.of(byKey.rest, byKey.leftColumns, columns, rex);
    return byKey.plan(
        made ->
            new PlanNode.LookupJoin(made, table.name(), table.lookup(), conditions, schema(made)));
  }

  /** The same of a table outside, with the columns of it that are read. */
  private Pipe narrowed(Pipe table) {
    ImmutableBitSet used = RelOptUtil.InputFinder.bits(table.projects(), table.condition());
    PlanNode.Scan scan = (PlanNode.Scan) table.base();
    if (used.isEmpty() || used.cardinality() == scan.schema().size()) {
      return table;
    }
    Schema schema =
        new Schema(
            used.toList().stream().map(scan.schema()::field).toList(), scan.schema().isChangelog());
    RexShuttle ofUsed =
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return Pipe.reference(rex, schema, used.indexOf(reference.getIndex()));
          }
        };
    RexNode condition = table.condition();
    return new Pipe(
        rex,
        new PlanNode.Scan(scan.object(), schema),
        List.of(),
        condition == null ? null : condition.accept(ofUsed),
        table.projects().stream().map(project -> project.accept(ofUsed)).toList());
  }

  /** The join of {@code left} with a table that has an index for it; null where there is none. */
  private Pipe indexed(MarkedJoin join, Pipe left, Pipe right) {
    CatalogObject table =
        right.base() instanceof PlanNode.Scan scan && right.condition() == null
            ? catalog.find(scan.object())
            : null;
    if (table == null) {
      return null;
    }
    boolean keyed = table.isTable() || table.changelogMode() == ChangelogMode.UPSERT;
    List<List<Integer>> all = new ArrayList<>();
    if (keyed && table.kind() != ObjectKind.MATERIALIZED_VIEW && !table.primaryKey().isEmpty()) {
      all.add(table.primaryKey());
    }
    all.addAll(indexes.apply(table.name()));
    ByKey byKey = new ByKey(join, left, right);
    for (List<Integer> index : all) {
      if (byKey.serves(index)) {
        boolean primary = keyed && index.equals(table.primaryKey());
        return byKey.plan(
            made -> new PlanNode.TableJoin(made, table.name(), primary, schema(made)));
      }
    }
    return null;
  }

  /** A condition over the columns of the table itself, where Calcite has it compute more of them. */
  private static RexNode overTable(RexNode condition, int leftColumns, Pipe table) {
    return condition.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            int column = reference.getIndex() - leftColumns;
            return column < 0
                ? reference
                : RexUtil.shift(table.projects().get(column), leftColumns);
          }
        });
  }

  /** Leaves equalities with columns of the table; what else is to be equal becomes a condition. */
  private void keepAskable(
      List<JoinCondition.Equality> equalities,
      CatalogObject table,
      Schema columnsRead,
      List<RexNode> rest,
      int leftColumns) {
    List<JoinCondition.Equality> all = List.copyOf(equalities);
    Set<Integer> columns = new TreeSet<>();
    for (JoinCondition.Equality equality : all) {
      boolean askable =
          !equality.nullSafe()
              && equality.right() instanceof RexInputRef column
              && columns.add(column.getIndex());
      if (!askable) {
        equalities.remove(equality);
        rest.add(equal(equality, leftColumns));
      }
    }
    if (!equalities.isEmpty()) {
      return;
    }
    LaminarException error =
        new LaminarException(
            ErrorCode.VALIDATION_FAILED,
            "the join does not say which rows of "
                + table.describe()
                + " it asks for: none of its columns is equal to a value of the left side.");
    for (JoinCondition.Equality equality : all) {
      int column = equality.nullSafe() ? -1 : column(equality.right());
      if (column >= 0) {
        Field field = columnsRead.field(column);
        throw at(
            table,
            error.mend(
                "Column \""
                    + field.name()
                    + "\" is "
                    + field.type()
                    + ": declare it as large as the left side's, or cast that to "
                    + field.type()
                    + "."));
      }
    }
    throw at(table, error.mend("Compare a column of it by = in ON."));
  }

  private RexNode equal(JoinCondition.Equality equality, int leftColumns) {
    return rex.makeCall(
        equality.nullSafe() ? SqlStdOperatorTable.IS_NOT_DISTINCT_FROM : SqlStdOperatorTable.EQUALS,
        equality.left(),
        RexUtil.shift(equality.right(), leftColumns));
  }

  // ---- what has versions

  /** The source, view or table that is read; refused where it has no key. */
  private CatalogObject versioned(Pipe right) {
    CatalogObject table =
        right.base() instanceof PlanNode.Scan scan ? catalog.find(scan.object()) : null;
    if (table == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "FOR SYSTEM_TIME AS OF event time reads a query of WITH.")
          .mend("Make a materialized view of it and join that.");
    }
    if (table.primaryKey().isEmpty()) {
      throw at(
          table,
          new LaminarException(
                  ErrorCode.VALIDATION_FAILED,
                  table.describe()
                      + " has no key, so that none of its rows is a version of another.")
              .mend(
                  "Declare a PRIMARY KEY of the source, or join FOR SYSTEM_TIME AS OF PROCTIME()."));
    }
    return table;
  }

  private LaminarException at(CatalogObject table, LaminarException error) {
    return windows.atTable(table.name(), error);
  }

  private TimeColumn rowTime(MarkedJoin join, JoinSide left, int leftColumns, CatalogObject table) {
    TimeColumn time =
        join.match() instanceof RexInputRef reference && reference.getIndex() < leftColumns
            ? time(left, reference.getIndex())
            : null;
    if (time == null || !windows.canFollow(time, false)) {
      throw at(
          table,
          new LaminarException(
                  ErrorCode.INVALID_TIME_ATTRIBUTE,
                  "FOR SYSTEM_TIME AS OF takes the event time of the left side; no watermark speaks"
                      + " about what stands there.")
              .mend(
                  "Write the column that the left side declares WATERMARK FOR, or AS OF PROCTIME()."));
    }
    return time;
  }

  private static TimeColumn time(JoinSide side, int column) {
    return side.times().stream().filter(t -> t.column() == column).findFirst().orElse(null);
  }

  private TimeColumn versionTime(TimeColumn rows, JoinSide right, CatalogObject table) {
    List<TimeColumn> times =
        right.times().stream().filter(time -> windows.canFollow(rows, time, false)).toList();
    if (times.size() != 1) {
      throw at(
          table,
          new LaminarException(
                  ErrorCode.INVALID_TIME_ATTRIBUTE,
                  times.isEmpty()
                      ? table.describe() + " has no event time that says from when on a row holds."
                      : table.describe() + " has several columns that could be its event time.")
              .mend("Declare WATERMARK FOR its column, or join FOR SYSTEM_TIME AS OF PROCTIME()."));
    }
    return times.get(0);
  }

  /** Leaves the columns of the table's key; what else is to be equal becomes a condition. */
  private void keepKey(
      List<JoinCondition.Equality> equalities,
      Pipe right,
      CatalogObject table,
      List<RexNode> rest,
      int leftColumns) {
    Set<Integer> missing = new TreeSet<>(table.primaryKey());
    for (JoinCondition.Equality equality : List.copyOf(equalities)) {
      if (!missing.remove(column(right.compose(equality.right())))) {
        equalities.remove(equality);
        rest.add(equal(equality, leftColumns));
      }
    }
    if (!missing.isEmpty()) {
      String key =
          table.primaryKey().stream()
              .map(column -> table.schema().field(column).name())
              .collect(Collectors.joining(", "));
      throw at(
          table,
          new LaminarException(
                  ErrorCode.VALIDATION_FAILED,
                  "the join does not say which row of "
                      + table.describe()
                      + " it wants: versions belong to its key ("
                      + key
                      + ").")
              .mend("Compare the whole key by equality in ON."));
    }
  }

  /** The column a value is, whole numbers of another size included; or -1. */
  private static int column(RexNode value) {
    RexNode plain = value;
    if (value instanceof RexCall cast
        && cast.getKind() == SqlKind.CAST
        && SqlTypeName.INT_TYPES.contains(cast.getType().getSqlTypeName())
        && SqlTypeName.INT_TYPES.contains(cast.getOperands().get(0).getType().getSqlTypeName())) {
      plain = cast.getOperands().get(0);
    }
    return plain instanceof RexInputRef reference ? reference.getIndex() : -1;
  }
}
