package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What a query knows that another engine has run over what came in before: the state of its operators
 * and the content of its stream, as named parts. The same query goes on from it in an engine that has
 * taken in as much. Immutable.
 */
public final class RebuiltQuery {
  private static final String HEAD = "/head";
  private static final String STATE = "/state";
  private static final String STREAM = "stream";

  private final EngineSnapshot snapshot;

  private RebuiltQuery(EngineSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** Parts that one was made of. */
  static RebuiltQuery of(Map<String, byte[]> parts) {
    return new RebuiltQuery(EngineSnapshot.of(parts));
  }

  /**
   * A copy of what a query knows; null where it has not begun. Between two events.
   *
   * @throws LaminarException what the query has failed of; BACKPRESSURE in the middle of a batch
   */
  static RebuiltQuery of(Query query) {
    if (query.failure() != null) {
      throw query.failure();
    }
    if (!query.hasBegun()) {
      return null;
    }
    if (!query.isAtRest()) {
      throw new LaminarException(
          ErrorCode.BACKPRESSURE, "query \"" + query.name + "\" is in the middle of a batch.");
    }
    EngineSnapshot snapshot = EngineSnapshot.of(new TreeMap<>());
    for (int i = 0; i < query.nodes.size(); i++) {
      StateWriter head = new StateWriter();
      head.section(StateWriter.NO_KEY_GROUP);
      query.nodes.get(i).snapshot(head);
      snapshot.putSections(i + HEAD, head.sections());
      snapshot.putSections(i + STATE, query.nodes.get(i).sections(null));
    }
    snapshot.putContent(STREAM, query.output);
    return new RebuiltQuery(snapshot);
  }

  /** The parts by name. */
  Map<String, byte[]> parts() {
    return snapshot.parts();
  }

  /** Lets the operator at a place of the query go on from what it knows. */
  void restore(OperatorNode node, int place) {
    StateReader head = new StateReader(snapshot.sections(place + HEAD));
    head.section();
    node.restore(head);
    node.restore(snapshot.sections(place + STATE));
  }

  /**
   * The content of the query's stream; null where none was kept. The caller closes it.
   *
   * @param stream of the same name and schema
   */
  ViewContent content(StreamOutput stream, BufferAllocator allocator) {
    return snapshot.content(STREAM, stream, allocator);
  }
}
