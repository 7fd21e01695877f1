package io.laminardb.core.runtime;

import io.laminardb.core.operator.Operator;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.SpillSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Has operators move state out of memory when that is short: those that were used longest ago first, and
 * of each what is not being written; what is being written only where nothing else helps. It does so
 * between two batches, when no operator is at work. The reactor's thread.
 */
final class Spilling {
  private final ReactorContext context;
  private final SpillSpace space;
  private final List<OperatorNode> nodes = new ArrayList<>(); // that may spill
  private final Runnable relieve = this::relieve;
  private boolean isAsked;
  private long calls;

  Spilling(ReactorContext context, SpillSpace space) {
    this.context = context;
    this.space = space;
  }

  /** A part of the space, for an operator that {@link #close} ends. */
  Spill open(OperatorNode node) {
    nodes.add(node);
    return new Spill(space);
  }

  void close(OperatorNode node) {
    nodes.remove(node);
  }

  /** An operator has done something: whether memory is short is looked at. Returns the moment. */
  long used() {
    if (!isAsked && space.isTight(false)) {
      isAsked = true;
      context.reactor.defer(relieve);
    }
    return ++calls;
  }

  private void relieve() {
    isAsked = false;
    relieve(false);
    relieve(true);
  }

  /** See {@link Operator#spill}. */
  private void relieve(boolean hot) {
    if (!space.isTight(hot)) {
      return;
    }
    nodes.sort(Comparator.comparingLong(OperatorNode::usedAt));
    for (OperatorNode node : nodes) {
      while (space.isTight(hot) && node.spill(hot)) {}
    }
  }
}
