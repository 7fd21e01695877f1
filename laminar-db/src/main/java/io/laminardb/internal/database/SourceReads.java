package io.laminardb.internal.database;

import io.laminardb.core.operator.scalar.CalcKernel;
import io.laminardb.core.runtime.OverflowPolicy;
import io.laminardb.internal.connector.PumpDemand;
import io.laminardb.internal.connector.SourcePump;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.lower.QueryCompiler;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.plan.Definitions;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.SourceUse;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.calcite.rex.RexNode;

/**
 * Who reads which columns and rows of the sources that connectors feed, and what their pumps are told
 * of it. Rows on their way were read for those who were there before: who begins to read sees none of
 * them where he wants more. Any thread; nothing here waits for another one.
 *
 * <p>Only of append-only sources: the rows of a changelog belong together, and what is there of it at
 * present can be asked for as a whole. And only where the engine does not write down what it takes in:
 * rows that are taken in again are those that were read for who was there then.
 */
public final class SourceReads {
  /** With more conditions than this it is cheaper to pass the rows on. */
  private static final int MAX_CONDITIONS = 16;

  private final Map<String, Fed> sources = new LinkedHashMap<>();
  private long lastFollower;

  /** A source that a connector feeds. */
  private static final class Fed {
    final CatalogObject object;
    final SourcePump pump;
    final Map<String, List<SourceUse>> readers = new LinkedHashMap<>();
    PumpDemand.Time time;
    PumpDemand demand;
    List<String> conditions = List.of(); // of the demand

    Fed(CatalogObject object, SourcePump pump) {
      this.object = object;
      this.pump = pump;
      EventTime declared = object.eventTime();
      this.time =
          declared == null ? null : new PumpDemand.Time(declared.column(), declared.delayNs());
    }
  }

  /** A connector feeds a source that nobody reads yet. Its pump does not run yet. */
  synchronized void add(CatalogObject source, SourcePump pump) {
    if (source.kind() == ObjectKind.SOURCE
        && source.changelogMode() == ChangelogMode.APPEND_ONLY
        && Definitions.onFull(source) != OverflowPolicy.DROP_OLDEST) {
      Fed fed = new Fed(source, pump);
      sources.put(key(source.name()), fed);
      update(fed);
    }
  }

  synchronized void remove(String source) {
    sources.remove(key(source));
  }

  /**
   * A query is about to read what it reads.
   *
   * @return of the sources that connectors feed among that, the numbers of the demands that its rows
   *     begin with
   */
  public synchronized Map<String, Long> begin(String query, PlannedQuery planned) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (SourceColumn time : planned.eventTimes()) {
      Fed fed = sources.get(key(time.source()));
      if (fed != null && fed.time == null) {
        fed.time = new PumpDemand.Time(fed.object.schema().indexOf(time.column()), 0);
      }
    }
    for (SourceUse use : SourceUse.of(planned)) {
      Fed fed = sources.get(key(use.scan().object()));
      if (fed != null) {
        fed.readers.computeIfAbsent(query, name -> new ArrayList<>()).add(use);
        numbers.put(fed.object.name(), 0L);
      }
    }
    numbers.replaceAll((source, number) -> update(sources.get(key(source))));
    return numbers;
  }

  /**
   * Somebody is about to follow an object as it is.
   *
   * @param follower gets a name to {@link #end} with
   * @return the number of the demand that its rows begin with; null where no connector feeds the object
   */
  synchronized Long follow(String object, StringBuilder follower) {
    Fed fed = sources.get(key(object));
    if (fed == null) {
      return null;
    }
    BitSet all = new BitSet();
    all.set(0, fed.object.schema().size());
    PlanNode.Scan scan = new PlanNode.Scan(fed.object.name(), fed.object.schema());
    follower.append("subscription ").append(++lastFollower);
    fed.readers.put(follower.toString(), List.of(new SourceUse(scan, all, null)));
    return update(fed);
  }

  /** A query that is there reads this from now on, and nothing else. */
  public synchronized void only(String query, PlannedQuery planned) {
    for (Fed fed : sources.values()) {
      List<SourceUse> uses =
          SourceUse.of(planned).stream()
              .filter(use -> key(use.scan().object()).equals(key(fed.object.name())))
              .toList();
      List<SourceUse> before =
          uses.isEmpty()
              ? fed.readers.remove(query)
              : fed.readers.put(query, new ArrayList<>(uses));
      if (before != null || !uses.isEmpty()) {
        update(fed);
      }
    }
  }

  /** Somebody reads nothing any more. */
  public synchronized void end(String reader) {
    for (Fed fed : sources.values()) {
      if (fed.readers.remove(reader) != null) {
        update(fed);
      }
    }
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  // ---- what all want together

  /** Tells the pump what its source's readers want now; the number of that demand. */
  private static long update(Fed fed) {
    List<SourceUse> uses = fed.readers.values().stream().flatMap(List::stream).toList();
    Map<String, RexNode> conditions = conditions(fed, uses);
    BitSet wanted = required(fed);
    uses.forEach(use -> wanted.or(use.columns()));
    BitSet first = conditions == null ? wanted : required(fed);
    if (conditions != null) {
      uses.forEach(use -> first.or(use.filterColumns()));
    }
    List<String> texts = conditions == null ? null : List.copyOf(conditions.keySet());
    PumpDemand last = fed.demand;
    if (last == null
        || !last.wanted().equals(wanted)
        || !Objects.equals(fed.conditions, texts)
        || last.filter() != null && !Objects.equals(last.time(), fed.time)) {
      fed.demand =
          new PumpDemand(
              last == null ? 0 : last.number() + 1,
              wanted,
              first,
              conditions == null ? null : filter(fed, List.copyOf(conditions.values())),
              conditions == null ? 0 : conditions.size(),
              fed.time);
      fed.conditions = texts;
      fed.pump.demand(fed.demand);
    }
    return fed.demand.number();
  }

  /** Columns that every row needs whatever is read. */
  private static BitSet required(Fed fed) {
    BitSet columns = new BitSet();
    if (fed.time != null) {
      columns.set(fed.time.column());
    }
    if (fed.object.eventTime() != null) {
      fed.object.eventTime().key().forEach(columns::set);
    }
    return columns;
  }

  /**
   * Conditions of which one is TRUE for every row that somebody wants, by their text; null where every
   * row is to come. Where keys have watermarks of their own, or sources keep pace, each row counts.
   */
  private static Map<String, RexNode> conditions(Fed fed, List<SourceUse> uses) {
    EventTime time = fed.object.eventTime();
    if (uses.isEmpty() || time != null && (!time.key().isEmpty() || time.alignment() != null)) {
      return null;
    }
    Map<String, RexNode> conditions = new LinkedHashMap<>();
    for (SourceUse use : uses) {
      if (use.filter() == null) {
        return null;
      }
      conditions.put(use.filter().toString(), use.filter());
    }
    return conditions.size() > MAX_CONDITIONS ? null : conditions;
  }

  private static Supplier<CalcKernel> filter(Fed fed, List<RexNode> conditions) {
    PlanNode.Scan scan = new PlanNode.Scan(fed.object.name(), fed.object.schema());
    return () ->
        new QueryCompiler("source_" + fed.object.name()).conditions(scan, conditions).get();
  }

  // ---- as text

  /**
   * What a query asks of the connector behind a scan, for EXPLAIN; null where there is none.
   *
   * @param query the name of a query that runs, or null
   */
  public synchronized String note(String query, PlannedQuery planned, PlanNode node) {
    if (!(node instanceof PlanNode.Scan scan) || !sources.containsKey(key(scan.object()))) {
      return null;
    }
    Fed fed = sources.get(key(scan.object()));
    SourceUse use =
        SourceUse.of(planned).stream().filter(each -> each.scan() == scan).findFirst().orElse(null);
    if (use == null) {
      return null;
    }
    BitSet columns = required(fed);
    columns.or(use.columns());
    int all = fed.object.schema().size();
    String read =
        columns.cardinality() == all
            ? "reads all columns"
            : "reads " + columns.cardinality() + " of " + all + " columns";
    return use.filter() == null ? read : read + ", " + filterNote(fed, query, use);
  }

  private static String filterNote(Fed fed, String query, SourceUse use) {
    List<SourceUse> uses = new ArrayList<>();
    uses.add(use);
    String other = null;
    for (Map.Entry<String, List<SourceUse>> reader : fed.readers.entrySet()) {
      uses.addAll(reader.getValue());
      if (!reader.getKey().equals(query)
          && reader.getValue().stream().anyMatch(each -> each.filter() == null)) {
        other = reader.getKey();
      }
    }
    if (conditions(fed, uses) != null) {
      return "filter pushed: " + use.filterText();
    }
    return other == null
        ? "filter not pushed: every row moves a watermark"
        : "filter not pushed: " + other + " reads every row";
  }
}
