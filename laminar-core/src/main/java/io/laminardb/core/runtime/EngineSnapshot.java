package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The state of sources and queries at one moment between two batches. Immutable. */
public final class EngineSnapshot {
  private record QueryPart(
      List<byte[]> operators, List<long[]> watermarks, byte[] content, boolean untouched) {}

  private record SourcePart(List<long[]> partitions, byte[] keys, long passedNs, byte[] content) {}

  private final Map<String, SourcePart> sources = new LinkedHashMap<>();
  private final Map<String, QueryPart> queries = new LinkedHashMap<>();

  private EngineSnapshot() {}

  /** Bytes of operator state. */
  public long sizeBytes() {
    return queries.values().stream()
        .flatMap(query -> query.operators.stream())
        .mapToLong(bytes -> bytes.length)
        .sum();
  }

  static EngineSnapshot of(Collection<SourceTask> sources, Collection<Query> queries) {
    EngineSnapshot snapshot = new EngineSnapshot();
    for (SourceTask source : sources) {
      List<long[]> partitions = new ArrayList<>();
      for (Partition partition : source.partitions()) {
        partitions.add(partition.state());
      }
      snapshot.sources.put(
          source.options.name(),
          new SourcePart(partitions, source.keyState(), source.passed(), content(source.output)));
    }
    for (Query query : queries) {
      if (!query.isStopped()) {
        snapshot.queries.put(query.name, of(query));
      }
    }
    return snapshot;
  }

  private static QueryPart of(Query query) {
    if (query.isBlocked() || query.hasWork()) {
      throw new LaminarException(
              ErrorCode.BACKPRESSURE, "query \"" + query.name + "\" is in the middle of a batch.")
          .mend("Take the rows of its subscriptions and call sync() before the snapshot.");
    }
    List<byte[]> operators = new ArrayList<>();
    List<long[]> watermarks = new ArrayList<>();
    for (OperatorNode node : query.nodes) {
      operators.add(node.snapshot());
      watermarks.add(node.ports.stream().mapToLong(InputPort::watermark).toArray());
    }
    return new QueryPart(operators, watermarks, content(query.output), query.isUntouched());
  }

  /** The present content of a stream that keeps it, or null. */
  private static byte[] content(StreamOutput stream) {
    if (stream.content == null) {
      return null;
    }
    StateWriter writer = new StateWriter();
    stream.content.snapshot(writer);
    return writer.toBytes();
  }

  private static void restoreContent(StreamOutput stream, byte[] content) {
    if (content != null && stream.content != null) {
      stream.content.restore(new StateReader(content));
    }
  }

  void restore(Map<String, SourceTask> sourceTasks, Map<String, Query> queryTasks) {
    sources.forEach(
        (name, part) -> {
          SourceTask source = sourceTasks.get(name);
          if (source != null) {
            restore(source, part);
          }
        });
    queries.forEach(
        (name, part) -> {
          Query query = queryTasks.get(name);
          if (query != null && !query.isStopped()) {
            restore(query, part);
          }
        });
  }

  private static void restore(SourceTask source, SourcePart part) {
    Partition[] partitions = source.partitions();
    for (int i = 0; i < Math.min(partitions.length, part.partitions.size()); i++) {
      long[] state = part.partitions.get(i);
      partitions[i].restore(state[0], state[1]);
    }
    if (part.keys != null) {
      source.restoreKeys(part.keys);
    }
    source.restorePassed(part.passedNs);
    restoreContent(source.output, part.content);
  }

  private static void restore(Query query, QueryPart part) {
    if (part.operators.size() != query.nodes.size()) {
      throw new LaminarException(
          ErrorCode.STATE_CORRUPT,
          "query \""
              + query.name
              + "\" has "
              + query.nodes.size()
              + " operators, its snapshot "
              + part.operators.size()
              + ".");
    }
    for (int i = 0; i < query.nodes.size(); i++) {
      OperatorNode node = query.nodes.get(i);
      node.restore(part.operators.get(i));
      long[] watermarks = part.watermarks.get(i);
      for (int port = 0; port < watermarks.length; port++) {
        node.ports.get(port).restoreWatermark(watermarks[port]);
      }
    }
    restoreContent(query.output, part.content);
    query.restart(part.untouched);
  }
}
