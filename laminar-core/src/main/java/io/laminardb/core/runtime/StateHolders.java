package io.laminardb.core.runtime;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Who holds state in memory that cannot leave it: what is to be known where memory is used up. The reactor's thread. */
final class StateHolders {
  private static final int NAMED = 3;
  private static final int LEAST_PART = 16; // of what the largest has

  private final List<OperatorNode> nodes = new ArrayList<>();

  /** What holds state: an operator, or the content of a query. */
  private record Holder(String what, Query query, long bytes, boolean canSpill) {
    @Override
    public String toString() {
      return what + " of \"" + query.name + "\" (" + (bytes + 1023) / 1024 + " KiB)";
    }
  }

  void add(OperatorNode node) {
    nodes.add(node);
  }

  void remove(OperatorNode node) {
    nodes.remove(node);
  }

  /** The same failure; where memory is used up, with those who hold most of it and cannot give it back. */
  LaminarException named(LaminarException failure) {
    if (failure.code() != ErrorCode.MEMORY_BUDGET_EXCEEDED) {
      return failure;
    }
    List<Holder> largest = largest();
    if (largest.isEmpty()) {
      return failure;
    }
    String problem = failure.problem() + " State that stays in memory: " + listed(largest) + ".";
    return new LaminarException(failure.code(), problem, failure).mend(mend(largest));
  }

  private List<Holder> largest() {
    List<Holder> holders = new ArrayList<>();
    Query last = null;
    for (OperatorNode node : nodes) {
      Operator operator = node.operator();
      if (operator != null && (!node.canSpill() || node.spilled() == null)) {
        holders.add(
            new Holder(node.plan.label(), node.query, operator.stateBytes(), node.canSpill()));
      }
      if (node.query != last && node.query.output.content != null) {
        long bytes = node.query.output.content.bytes();
        holders.add(new Holder("the result", node.query, bytes, false));
      }
      last = node.query;
    }
    long most = holders.stream().mapToLong(Holder::bytes).max().orElse(0);
    return holders.stream()
        .filter(holder -> holder.bytes() > most / LEAST_PART)
        .sorted(Comparator.comparingLong(Holder::bytes).reversed())
        .limit(NAMED)
        .toList();
  }

  private static String listed(List<Holder> holders) {
    return holders.stream().map(Holder::toString).collect(Collectors.joining(", "));
  }

  private static String mend(List<Holder> largest) {
    List<Holder> homeless = largest.stream().filter(Holder::canSpill).toList();
    String more = "Give the database a larger memoryBudget, or ";
    String bound =
        "bound that state: EXPLAIN " + largest.get(0).query().name + " says what holds it.";
    return homeless.isEmpty()
        ? more + bound
        : more
            + "a directory to spill to (spillDir), where "
            + homeless.stream().map(Holder::what).distinct().collect(Collectors.joining(" and "))
            + " can put it, or "
            + bound;
  }
}
