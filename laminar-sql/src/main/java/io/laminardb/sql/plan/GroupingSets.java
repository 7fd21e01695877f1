package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.plan.AggregatePlanner.Key;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * Plans GROUPING SETS, CUBE and ROLLUP, and the functions GROUPING, GROUPING_ID and GROUP_ID. Rows
 * are copied once a set, with the keys outside the set NULL, and grouped once by all keys and the
 * number of the set, so that a key that is NULL by itself stays apart from one that is left out.
 *
 * <p>Outside of a window the set {@code ()} has a row even when there is no input: it is a grouping
 * of its own, over the same rows.
 */
final class GroupingSets {
  private static final int MOST_SETS = 256;

  private final AggregatePlanner aggregates;
  private final Windows windows;
  private final RexBuilder rex;
  private final Aggregate aggregate;
  private final boolean outermost;
  private final List<Integer> groups;
  private final int calls; // that are aggregates of rows, not of the grouping

  GroupingSets(
      AggregatePlanner aggregates,
      Windows windows,
      RexBuilder rex,
      Aggregate aggregate,
      boolean outermost) {
    this.aggregates = aggregates;
    this.windows = windows;
    this.rex = rex;
    this.aggregate = aggregate;
    this.outermost = outermost;
    this.groups = aggregate.getGroupSet().asList();
    this.calls = (int) aggregate.getAggCallList().stream().filter(c -> !isGrouping(c)).count();
  }

  /** Whether there is more than one set, or a function that asks for the set. */
  static boolean isNeeded(Aggregate aggregate) {
    return aggregate.getGroupType() != Aggregate.Group.SIMPLE
        || aggregate.getAggCallList().stream().anyMatch(GroupingSets::isGrouping);
  }

  private static boolean isGrouping(AggregateCall call) {
    return switch (call.getAggregation().getKind()) {
      case GROUPING, GROUPING_ID, GROUP_ID -> true;
      default -> false;
    };
  }

  Pipe plan(Pipe input) {
    List<ImmutableBitSet> sets = aggregate.getGroupSets();
    if (sets.size() > MOST_SETS) {
      throw new LaminarException(
              ErrorCode.QUERY_TOO_COMPLEX,
              "GROUP BY makes "
                  + sets.size()
                  + " grouping sets of every row, of at most "
                  + MOST_SETS
                  + ".")
          .mend("Name the sets that are needed in GROUPING SETS.");
    }
    RexCall marker = Windows.onlyMarker(groups.stream().map(i -> input.projects().get(i)).toList());
    Pipe rows = marker == null ? input.resolveWindows(windows) : input;
    checkWindow(rows, marker);
    if (sets.size() == 1) {
      return one(rows, marker, sets.get(0));
    }
    Expansion expansion = new Expansion(rows, marker);
    List<ImmutableBitSet> keyed =
        marker != null ? sets : sets.stream().filter(set -> !set.isEmpty()).toList();
    List<Pipe> results = new ArrayList<>();
    results.add(expansion.group(keyed));
    if (keyed.size() < sets.size()) {
      results.add(one(expansion.rows(), null, ImmutableBitSet.of()));
    }
    return results.size() == 1 ? results.get(0) : union(results);
  }

  /** One grouping, where the set is known for every row. */
  private Pipe one(Pipe rows, RexCall marker, ImmutableBitSet set) {
    List<Key> keys = new ArrayList<>();
    for (int group : set) {
      keys.add(new Key(nameOfKey(groups.indexOf(group)), rows.projects().get(group)));
    }
    Pipe grouped =
        aggregates.build(rows, keys, realCalls(), marker, outputs(keys.size()), outermost);
    List<RexNode> columns = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < groups.size(); i++) {
      RelDataType type = fieldsOfAggregate().get(i).getType();
      columns.add(
          set.get(groups.get(i))
              ? grouped.projects().get(next++)
              : rex.makeNullLiteral(rex.getTypeFactory().createTypeWithNullability(type, true)));
    }
    return withCalls(grouped, columns, keys.size(), call -> number(call, set));
  }

  private Pipe withCalls(
      Pipe grouped,
      List<RexNode> columns,
      int firstCall,
      java.util.function.Function<AggregateCall, RexNode> grouping) {
    int next = firstCall;
    for (AggregateCall call : aggregate.getAggCallList()) {
      columns.add(
          isGrouping(call)
              ? rex.ensureType(call.getType(), grouping.apply(call), true)
              : grouped.projects().get(next++));
    }
    return new Pipe(rex, grouped.base(), grouped.times(), grouped.condition(), columns);
  }

  /** What GROUPING of some keys is in one set: a bit a key, set where the key is left out. */
  private RexNode number(AggregateCall call, ImmutableBitSet set) {
    long bits = 0;
    for (int group : call.getArgList()) {
      bits = bits << 1 | (set.get(group) ? 0 : 1);
    }
    return rex.makeExactLiteral(BigDecimal.valueOf(bits), call.getType());
  }

  private List<AggregateCall> realCalls() {
    return aggregate.getAggCallList().stream().filter(call -> !isGrouping(call)).toList();
  }

  /** Names and types of {@code keyCount} keys, which are not looked at, and of the calls. */
  private List<RelDataTypeField> outputs(int keyCount) {
    List<RelDataTypeField> fields = fieldsOfAggregate();
    List<RelDataTypeField> outputs = new ArrayList<>();
    for (int i = 0; i < keyCount; i++) {
      outputs.add(fields.get(0));
    }
    for (int i = 0; i < aggregate.getAggCallList().size(); i++) {
      if (!isGrouping(aggregate.getAggCallList().get(i))) {
        outputs.add(fields.get(groups.size() + i));
      }
    }
    return outputs;
  }

  private List<RelDataTypeField> fieldsOfAggregate() {
    return aggregate.getRowType().getFieldList();
  }

  private String nameOfKey(int key) {
    return fieldsOfAggregate().get(key).getName();
  }

  private void checkWindow(Pipe rows, RexCall marker) {
    if (marker == null) {
      return;
    }
    for (int group : groups) {
      if (Windows.hasMarker(rows.projects().get(group))
          && !aggregate.getGroupSets().stream().allMatch(set -> set.get(group))) {
        throw windows.at(
            marker,
            new LaminarException(
                    ErrorCode.NOT_SUPPORTED, "a grouping set lacks the window that others have.")
                .mend(
                    "Group by the window beside the sets:"
                        + " GROUP BY tumble(..), GROUPING SETS (..)."));
      }
    }
  }

  private Pipe union(List<Pipe> results) {
    List<Field> fields = PlanBuilder.fields(aggregate);
    List<PlanNode> nodes = new ArrayList<>();
    boolean changelog = false;
    for (Pipe result : results) {
      PlanNode node = result.toNode(fields);
      changelog |= node.schema().isChangelog();
      nodes.add(node);
    }
    return Pipe.over(rex, new PlanNode.Union(nodes, new Schema(fields, changelog)), List.of());
  }

  /** The rows to group as columns: keys, then arguments as they are, then the time of the window. */
  private final class Expansion {
    private final RexCall marker; // over the columns made, or null
    private final RexNode windowCondition; // likewise
    private final PlanNode calc;
    private final List<Integer> keyGroups = new ArrayList<>(); // those that are not of the window
    private final List<RexNode> projects = new ArrayList<>(); // as of the input, over the columns
    private final List<TimeColumn> times = new ArrayList<>();
    private final List<Field> fields = new ArrayList<>();

    Expansion(Pipe input, RexCall inputMarker) {
      List<RexNode> values = new ArrayList<>();
      List<TimeColumn> keyTimes = new ArrayList<>(); // NULL in sets without them: behind the time
      AggregatePlanner.Conditions conditions = aggregates.split(input, inputMarker);
      for (int group : groups) {
        RexNode value = input.projects().get(group);
        if (!Windows.hasMarker(value)) {
          keyGroups.add(group);
          TimeColumn keyTime = input.timeOf(Pipe.plain(value));
          add("key" + keyGroups.size(), Pipe.plain(value), values);
          if (keyTime != null) {
            keyTimes.add(keyTime.at(values.size() - 1));
          }
        }
      }
      TimeColumn time =
          inputMarker == null
              ? aggregates.settledTime(input)
              : input.timeOf(inputMarker.getOperands().get(0));
      RexNode timeValue = null;
      if (time != null) {
        timeValue = add("time", Pipe.reference(rex, input.base().schema(), time.column()), values);
        times.add(time.at(values.size() - 1));
      } else if (inputMarker != null) {
        windows.spec(input, inputMarker); // tells what is wrong with the time
      }
      times.addAll(keyTimes);
      marker = inputMarker == null ? null : withTime(inputMarker, timeValue);
      windowCondition = moved(conditions.windows(), inputMarker);
      TreeSet<Integer> read = readByCalls();
      for (int i = 0; i < input.projects().size(); i++) {
        RexNode project = input.projects().get(i);
        if (Windows.hasMarker(project)) {
          projects.add(moved(project, inputMarker));
        } else if (project instanceof RexLiteral) {
          projects.add(project); // functions ask for constants
        } else if (read.contains(i)) {
          projects.add(add("column" + i, Pipe.plain(project), values));
        } else {
          projects.add(rex.makeNullLiteral(project.getType()));
        }
      }
      Schema schema = new Schema(fields, input.base().schema().isChangelog());
      PlanNode rows = input.base();
      RexNode condition = conditions.rows();
      if (inputMarker != null) {
        if (condition != null) {
          rows =
              new PlanNode.Calc(
                  rows, condition, Pipe.references(rex, rows.schema()), rows.schema());
          condition = null;
        }
        rows = windows.withoutLate(rows, windows.spec(input, inputMarker));
      }
      calc = new PlanNode.Calc(rows, condition, values, schema);
    }

    private RexNode add(String name, RexNode value, List<RexNode> values) {
      RelDataType type = value.getType();
      DataType columnType =
          type.getSqlTypeName() == SqlTypeName.NULL ? DataType.VARCHAR : Types.of(type);
      fields.add(new Field(name, columnType, type.isNullable(), false));
      values.add(value);
      return rex.makeInputRef(
          Types.toRel(rex.getTypeFactory(), columnType, type.isNullable()), values.size() - 1);
    }

    private TreeSet<Integer> readByCalls() {
      TreeSet<Integer> read = new TreeSet<>();
      for (AggregateCall call : realCalls()) {
        read.addAll(call.getArgList());
        if (call.filterArg >= 0) {
          read.add(call.filterArg);
        }
      }
      return read;
    }

    private RexCall withTime(RexCall inputMarker, RexNode time) {
      List<RexNode> operands = new ArrayList<>(inputMarker.getOperands());
      operands.set(0, time);
      return inputMarker.clone(inputMarker.getType(), operands);
    }

    private RexNode moved(RexNode expression, RexCall inputMarker) {
      return expression == null ? null : Windows.replace(expression, inputMarker, marker);
    }

    /** The rows before they are copied. */
    Pipe rows() {
      List<RexNode> all = new ArrayList<>(projects);
      for (int i = 0; i < keyGroups.size(); i++) {
        all.set(keyGroups.get(i), Pipe.reference(rex, calc.schema(), i));
      }
      return new Pipe(rex, calc, times, windowCondition, all);
    }

    Pipe group(List<ImmutableBitSet> sets) {
      List<Field> columns = new ArrayList<>(fields);
      for (int i = 0; i < keyGroups.size(); i++) {
        Field key = fields.get(i);
        columns.set(
            i, new Field(key.name(), key.type(), key.nullable() || isLeftOut(i, sets), false));
      }
      columns.add(new Field("grouping_set", DataType.INTEGER, false, false));
      Schema schema = new Schema(columns, calc.schema().isChangelog());
      PlanNode expand = new PlanNode.Expand(calc, sets.stream().map(this::held).toList(), schema);
      Pipe copies = new Pipe(rex, expand, times, windowCondition, projects);
      List<Key> keys = new ArrayList<>();
      for (int i = 0; i < groups.size(); i++) {
        int column = keyGroups.indexOf(groups.get(i));
        keys.add(
            new Key(
                nameOfKey(i),
                column < 0 ? projects.get(groups.get(i)) : Pipe.reference(rex, schema, column)));
      }
      RexNode set = Pipe.reference(rex, schema, columns.size() - 1);
      keys.add(new Key("grouping_set", set));
      Pipe grouped =
          aggregates.build(copies, keys, realCalls(), marker, outputs(keys.size()), outermost);
      List<RexNode> results = new ArrayList<>(grouped.projects().subList(0, groups.size()));
      RexNode setColumn = grouped.projects().get(groups.size());
      return withCalls(grouped, results, keys.size(), call -> numberBySet(call, setColumn, sets));
    }

    private boolean isLeftOut(int key, List<ImmutableBitSet> sets) {
      return !sets.stream().allMatch(set -> set.get(keyGroups.get(key)));
    }

    private boolean[] held(ImmutableBitSet set) {
      boolean[] held = new boolean[keyGroups.size()];
      for (int i = 0; i < held.length; i++) {
        held[i] = set.get(keyGroups.get(i));
      }
      return held;
    }

    private RexNode numberBySet(AggregateCall call, RexNode setColumn, List<ImmutableBitSet> sets) {
      List<RexNode> branches = new ArrayList<>();
      for (int i = 0; i < sets.size(); i++) {
        if (i < sets.size() - 1) {
          branches.add(
              rex.makeCall(
                  SqlStdOperatorTable.EQUALS,
                  setColumn,
                  rex.makeExactLiteral(BigDecimal.valueOf(i), setColumn.getType())));
        }
        branches.add(number(call, sets.get(i)));
      }
      return branches.size() == 1
          ? branches.get(0)
          : rex.makeCall(call.getType(), SqlStdOperatorTable.CASE, branches);
    }
  }
}
