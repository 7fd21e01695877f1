package io.laminardb.internal.statement;

import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What several queries compute, once. A part of a plan that another query has as well becomes a query
 * of its own, {@code shared$1}, which both read; it goes with the last of its readers.
 *
 * <p>A query sees what comes after it was created. So a part that keeps rows is shared only as long as
 * no row has come to it; a filter or projection at any time. Queries whose late or failed rows can be
 * read share nothing: those rows are theirs alone.
 */
final class SharedParts {
  private static final String PREFIX = "shared$";

  private final Database database;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Map<String, Map<String, PlanNode>> digests =
      new TreeMap<>(String.CASE_INSENSITIVE_ORDER); // of queries that may share
  private int lastNumber;
  private SharedPlans again; // what is to be shared, while queries are created again; or null

  /** A part that runs, under the name of its stream; {@code below} are the parts it reads itself. */
  private record Part(
      String digest,
      PlanNode node,
      OperatorGraph graph,
      Set<String> readers,
      boolean readable,
      Map<PlanNode, String> below) {
    boolean isStateless() {
      return PlanParts.isStateless(node);
    }
  }

  SharedParts(Database database) {
    this.database = database;
  }

  /**
   * The parts of a new query that others compute as well, and the streams they come from now. The query
   * is their reader from now on.
   */
  synchronized Map<PlanNode, String> acquire(String name, PlannedQuery planned) {
    Map<PlanNode, String> shared = new IdentityHashMap<>();
    if (mayShare(planned)) {
      if (again != null) {
        collectAgain(name, planned.root(), shared);
      } else {
        collect(planned.root(), shared);
      }
      shared.values().forEach(part -> parts.get(part).readers.add(name));
    }
    return Collections.unmodifiableMap(shared);
  }

  /** Remembers what a query computes, for those that come. */
  synchronized void attached(String name, RunningQuery query) {
    if (mayShare(query.planned())) {
      digests.put(name, digests(query.planned().root()));
    }
  }

  /**
   * The parts that a query reads which its successor has as well, and the streams they come from: it goes
   * on reading them, as they know what came before. Changes nothing.
   */
  synchronized Map<PlanNode, String> inherited(RunningQuery former, PlannedQuery planned) {
    Map<PlanNode, String> inherited = new IdentityHashMap<>();
    if (mayShare(planned)) {
      Map<String, String> streams = digestsOf(former.shared());
      streams.values().removeIf(stream -> !database.engine().tells(stream));
      collect(planned.root(), streams, inherited);
    }
    return Collections.unmodifiableMap(inherited);
  }

  private static void collect(
      PlanNode node, Map<String, String> streams, Map<PlanNode, String> found) {
    String stream = streams.isEmpty() ? null : streams.get(PlanParts.digest(node));
    if (stream != null) {
      found.put(node, stream);
    } else {
      node.inputs().forEach(input -> collect(input, streams, found));
    }
  }

  /** A query has another plan, and reads no parts but those it has inherited. */
  synchronized void replaced(String name, RunningQuery query) {
    release(name, query.shared().values());
    attached(name, query);
  }

  /** A query reads no part any more. */
  synchronized void release(String name) {
    release(name, List.of());
  }

  private void release(String name, Collection<String> but) {
    digests.remove(name);
    for (Map.Entry<String, Part> entry : List.copyOf(parts.entrySet())) {
      Set<String> readers = entry.getValue().readers;
      if (!but.contains(entry.getKey()) && readers.remove(name) && readers.isEmpty()) {
        database.engine().detach(entry.getKey());
        parts.remove(entry.getKey());
        release(entry.getKey());
      }
    }
  }

  /** Those of the streams that a query may begin to read only as long as no row has come to them. */
  synchronized List<String> stateful(Map<PlanNode, String> shared) {
    return shared.values().stream().filter(part -> !parts.get(part).isStateless()).toList();
  }

  /** Which queries share a node of a plan with {@code name}, as text; null where there is none. */
  synchronized String note(String name, Map<PlanNode, String> shared, PlanNode node) {
    return shared.containsKey(node) ? sharedWith(queries(shared.get(node)), name) : null;
  }

  /** As above, of a query that does not run: those it would share a node with. */
  synchronized String note(PlannedQuery planned, PlanNode node) {
    if (!mayShare(planned) || !isShareable(node)) {
      return null;
    }
    String digest = PlanParts.digest(node);
    String part = running(digest);
    if (part != null) {
      return sharedWith(queries(part), null);
    }
    String other = splittable(digest);
    return other == null ? null : sharedWith(List.of(other), null);
  }

  private static String sharedWith(Collection<String> queries, String name) {
    List<String> others = queries.stream().filter(query -> !query.equals(name)).toList();
    return others.isEmpty() ? null : "shared with " + String.join(", ", others);
  }

  /** The queries that read a part, or a part of which it is a part. */
  private Set<String> queries(String part) {
    Set<String> queries = new LinkedHashSet<>();
    for (String reader : parts.get(part).readers) {
      queries.addAll(parts.containsKey(reader) ? queries(reader) : Set.of(reader));
    }
    return queries;
  }

  /** The streams a query's rows come through, its own the last. */
  synchronized List<String> streams(String name) {
    List<String> streams = new ArrayList<>();
    parts.forEach(
        (part, running) -> {
          if (running.readers.contains(name)) {
            streams.addAll(streams(part));
          }
        });
    streams.add(name);
    return streams;
  }

  /** The operators of a query and of what it shares, those that are read before those that read. */
  synchronized List<OperatorGraph.Node> operators(String name, RunningQuery query) {
    List<OperatorGraph.Node> operators = new ArrayList<>();
    for (String stream : streams(name)) {
      Part part = parts.get(stream);
      operators.addAll((part == null ? query.graph() : part.graph).nodes());
    }
    return operators;
  }

  /** The operators of a part. */
  synchronized List<OperatorGraph.Node> operators(String part) {
    return parts.get(part).graph.nodes();
  }

  /** Which queries share a part with {@code name}, as text; empty where there is none. */
  synchronized String sharers(String part, String name) {
    String note = sharedWith(queries(part), name);
    return note == null ? "" : note;
  }

  // ---- what can be shared

  private static boolean mayShare(PlannedQuery planned) {
    return planned.onError() == PlannedQuery.OnError.FAIL && planned.lateDataTo() == null;
  }

  private boolean isShareable(PlanNode node) {
    return PlanParts.isShareable(node, this::keepsNoContent);
  }

  private boolean keepsNoContent(String name) {
    CatalogObject object = database.catalog().snapshot().find(name);
    return object != null
        && (object.kind() == ObjectKind.SOURCE || object.kind() == ObjectKind.STREAM);
  }

  private Map<String, PlanNode> digests(PlanNode root) {
    Map<String, PlanNode> found = new LinkedHashMap<>();
    for (PlanNode node : PlanParts.nodes(root)) {
      if (isShareable(node)) {
        found.putIfAbsent(PlanParts.digest(node), node);
      }
    }
    return found;
  }

  private void collect(PlanNode node, Map<PlanNode, String> shared) {
    String stream = isShareable(node) ? stream(PlanParts.digest(node)) : null;
    if (stream != null) {
      shared.put(node, stream);
    } else {
      node.inputs().forEach(input -> collect(input, shared));
    }
  }

  /** The stream of a part that runs or can be taken out of a query; or null. */
  private String stream(String digest) {
    String running = running(digest);
    if (running != null) {
      return running;
    }
    String query = splittable(digest);
    return query == null ? null : split(query, digest);
  }

  private String running(String digest) {
    for (Map.Entry<String, Part> entry : parts.entrySet()) {
      Part part = entry.getValue();
      if (part.digest.equals(digest)
          && (part.isStateless() || database.engine().isUntouched(entry.getKey()))) {
        return entry.getKey();
      }
    }
    return null;
  }

  /** A query that a part can be taken out of, or null. */
  private String splittable(String digest) {
    for (Map.Entry<String, Map<String, PlanNode>> entry : digests.entrySet()) {
      PlanNode node = entry.getValue().get(digest);
      RunningQuery query = node == null ? null : database.query(entry.getKey());
      if (query != null
          && isOwn(node, query)
          && !PlanParts.emitsAtStart(query.planned().root())
          && (PlanParts.isStateless(query.planned().root())
              || database.engine().isUntouched(entry.getKey()))) {
        return entry.getKey();
      }
    }
    return null;
  }

  /** Whether the query itself runs a node, and no part of it does. */
  private static boolean isOwn(PlanNode node, RunningQuery query) {
    return query.shared().keySet().stream()
        .noneMatch(shared -> PlanParts.nodes(shared).stream().anyMatch(each -> each == node));
  }

  /** Takes a part out of a query; null where rows have come to it meanwhile. */
  private String split(String name, String digest) {
    RunningQuery query = database.query(name);
    PlanNode node = digests.get(name).get(digest);
    Map<PlanNode, String> below = new IdentityHashMap<>();
    Map<PlanNode, String> rest = new IdentityHashMap<>(query.shared());
    for (PlanNode each : PlanParts.nodes(node)) {
      String stream = rest.remove(each);
      if (stream != null) {
        below.put(each, stream);
      }
    }
    String stream = PREFIX + ++lastNumber;
    rest.put(node, stream);
    OperatorGraph part = database.planning().lower(stream, node, below);
    OperatorGraph reader = database.planning().lower(name, query.planned().root(), rest);
    if (!database.engine().split(part, reader, PlanParts.isStateless(query.planned().root()))) {
      return null;
    }
    for (String inner : below.values()) {
      parts.get(inner).readers.add(stream);
      if (!rest.containsValue(inner)) {
        parts.get(inner).readers.remove(name);
      }
    }
    parts.put(
        stream,
        new Part(digest, node, part, new LinkedHashSet<>(List.of(name)), query.readable(), below));
    database.addQuery(
        name,
        new RunningQuery(
            query.planned(),
            reader,
            query.sideStreams(),
            Collections.unmodifiableMap(rest),
            query.readable()));
    return stream;
  }

  // ---- again

  /** What is shared now, to be shared again. */
  synchronized SharedPlans plans() {
    SharedPlans plans = new SharedPlans(lastNumber);
    parts.forEach(
        (stream, part) -> plans.addPart(stream, part.digest, part.readable, digestsOf(part.below)));
    for (String name : digests.keySet()) {
      Map<PlanNode, String> shared = database.query(name).shared();
      if (!shared.isEmpty()) {
        plans.addReader(name, digestsOf(shared));
      }
    }
    return plans;
  }

  private static Map<String, String> digestsOf(Map<PlanNode, String> shared) {
    Map<String, String> byDigest = new LinkedHashMap<>();
    shared.forEach((node, stream) -> byDigest.put(PlanParts.digest(node), stream));
    return byDigest;
  }

  /** Queries that come share just that, until null is given. */
  synchronized void shareAgain(SharedPlans plans) {
    again = plans;
    if (plans != null) {
      lastNumber = plans.lastNumber();
    }
  }

  private void collectAgain(String reader, PlanNode node, Map<PlanNode, String> shared) {
    Map<String, String> wanted = again.of(reader);
    String stream = wanted.isEmpty() ? null : wanted.get(PlanParts.digest(node));
    if (stream == null) {
      node.inputs().forEach(input -> collectAgain(reader, input, shared));
      return;
    }
    if (!parts.containsKey(stream)) {
      attachAgain(stream, node);
    }
    shared.put(node, stream);
  }

  private void attachAgain(String stream, PlanNode node) {
    Map<PlanNode, String> below = new IdentityHashMap<>();
    node.inputs().forEach(input -> collectAgain(stream, input, below));
    OperatorGraph graph = database.planning().lower(stream, node, below);
    boolean readable = again.isReadable(stream);
    QueryOptions read = QueryOptions.DEFAULT;
    database.engine().attach(graph, readable ? read.withReadable() : read);
    below.values().forEach(inner -> parts.get(inner).readers.add(stream));
    parts.put(
        stream,
        new Part(PlanParts.digest(node), node, graph, new LinkedHashSet<>(), readable, below));
  }
}
