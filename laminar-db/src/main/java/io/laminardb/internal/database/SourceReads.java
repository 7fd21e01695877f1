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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.calcite.rex.RexNode;

/**
 * Who reads which columns and rows of the sources that connectors feed, and what their pumps are told
 * of it. Any thread; nothing here waits for another one.
 *
 * <p>As long as nobody reads an append-only source its pump stands still: the rows would be lost. What
 * tables and changelogs hold is kept for those who come later; it is always read.
 *
 * <p>Rows on their way were read for those who were there before: who begins to read sees none of them
 * where he wants more. Less than all is asked only of append-only sources, too, and only where the
 * engine does not write down what it takes in: rows that are taken in again are those that were read
 * for who was there then.
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
    final boolean pushes; // to the connector what is wanted
    final Map<String, List<SourceUse>> readers = new LinkedHashMap<>();
    final Set<String> attached = new HashSet<>(); // of the readers
    PumpDemand.Time time;
    PumpDemand demand;
    List<String> conditions = List.of(); // of the demand

    Fed(CatalogObject object, SourcePump pump, boolean pushes) {
      this.object = object;
      this.pump = pump;
      this.pushes = pushes;
      EventTime declared = object.eventTime();
      this.time =
          declared == null ? null : new PumpDemand.Time(declared.column(), declared.delayNs());
    }
  }

  /**
   * A connector feeds a source that nobody reads yet. Its pump does not run yet.
   *
   * @param pushes whether a connector may be asked for less than all
   */
  synchronized void add(CatalogObject source, SourcePump pump, boolean pushes) {
    if (source.kind() != ObjectKind.SOURCE || source.changelogMode() != ChangelogMode.APPEND_ONLY) {
      pump.setRead(true);
      return;
    }
    boolean dropsRows = Definitions.onFull(source) == OverflowPolicy.DROP_OLDEST;
    Fed fed = new Fed(source, pump, pushes && !dropsRows);
    sources.put(key(source.name()), fed);
    if (fed.pushes) {
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
      }
    }
    return demands(query);
  }

  /**
   * Somebody is about to follow an object as it is.
   *
   * @return a name to {@link #end} with; null where it does not matter who reads the object
   */
  synchronized String follow(String object) {
    Fed fed = sources.get(key(object));
    if (fed == null) {
      return null;
    }
    BitSet all = new BitSet();
    all.set(0, fed.object.schema().size());
    PlanNode.Scan scan = new PlanNode.Scan(fed.object.name(), fed.object.schema());
    String follower = "subscription " + ++lastFollower;
    fed.readers.put(follower, List.of(new SourceUse(scan, all, null)));
    return follower;
  }

  /** Of the sources that are read by somebody, the numbers of the demands that his rows begin with. */
  synchronized Map<String, Long> demands(String reader) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (Fed fed : sources.values()) {
      if (fed.pushes && fed.readers.containsKey(reader)) {
        numbers.put(fed.object.name(), update(fed));
      }
    }
    return numbers;
  }

  /** Somebody gets the rows of what he reads from now on: they may come. */
  public synchronized void attached(String reader) {
    for (Fed fed : sources.values()) {
      if (fed.readers.containsKey(reader) && fed.attached.add(reader)) {
        fed.pump.setRead(true);
      }
    }
  }

  /** A query that is there reads this from now on, and nothing else. */
  public synchronized void only(String query, PlannedQuery planned) {
    for (Fed fed : sources.values()) {
      List<SourceUse> uses =
          SourceUse.of(planned).stream()
              .filter(use -> key(use.scan().object()).equals(key(fed.object.name())))
              .toList();
      if (uses.isEmpty()) {
        end(fed, query);
      } else {
        fed.readers.put(query, new ArrayList<>(uses));
        if (fed.pushes) {
          update(fed);
        }
      }
    }
    attached(query);
  }

  /** Somebody reads nothing any more. */
  public synchronized void end(String reader) {
    sources.values().forEach(fed -> end(fed, reader));
  }

  private static void end(Fed fed, String reader) {
    if (fed.readers.remove(reader) == null) {
      return;
    }
    if (fed.attached.remove(reader)) {
      fed.pump.setRead(!fed.attached.isEmpty());
    }
    if (fed.pushes) {
      update(fed);
    }
  }

  /** Those of the sources that a query reads that had been read to their end before. */
  public synchronized List<String> endedBefore(PlannedQuery planned) {
    return SourceUse.of(planned).stream()
        .map(use -> sources.get(key(use.scan().object())))
        .filter(fed -> fed != null && fed.pump.isDone())
        .map(fed -> fed.object.name())
        .distinct()
        .toList();
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
    Fed fed = node instanceof PlanNode.Scan scan ? sources.get(key(scan.object())) : null;
    if (fed == null || !fed.pushes) {
      return null;
    }
    SourceUse use =
        SourceUse.of(planned).stream().filter(each -> each.scan() == node).findFirst().orElse(null);
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
