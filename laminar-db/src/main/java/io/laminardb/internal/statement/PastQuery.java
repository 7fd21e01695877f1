package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.RebuiltQuery;
import io.laminardb.internal.durable.KeptStatement;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.internal.durable.Rewind;
import java.util.List;

/**
 * A query computed from retained history, in a database of its own beside the one that runs. Everything
 * that came in is taken in again there, from where history begins, as for a replay; the query is
 * attached as soon as what it reads is there. One thread.
 */
final class PastQuery implements AutoCloseable {
  private static final String NAME = "$rebuilt"; // no identifier that was not quoted

  private final Persistence present;
  private final StatementExecutor past;
  private final KeptStatement statement;
  private final List<String> operators;
  private Rewind rewind;
  private boolean whole; // history begins with the first record ever
  private String since; // null as long as the query is not there
  private LaminarException notYet; // why it is not

  private PastQuery(
      Persistence present, StatementExecutor past, KeptStatement statement, OperatorGraph graph) {
    this.present = present;
    this.past = past;
    this.statement = statement;
    this.operators = operators(graph);
  }

  /**
   * A query as it is where history begins.
   *
   * @param past in which there is nothing yet; closed with this
   * @param clock of the past
   * @param graph the operators it must have
   */
  static PastQuery open(
      Persistence present,
      StatementExecutor past,
      Rewind.MomentClock clock,
      KeptStatement statement,
      OperatorGraph graph) {
    PastQuery query = new PastQuery(present, past, statement, graph);
    boolean opened = false;
    try {
      past.database().replay(present.history(), past.kept(), clock, query::begin);
      opened = true;
      return query;
    } finally {
      if (!opened) {
        query.close();
      }
    }
  }

  private void begin(Rewind newRewind) {
    rewind = newRewind;
    rewind.executeBy(this::execute);
    whole = rewind.toOldest();
    attach();
  }

  /** Takes in what the running database has taken in by now. */
  void catchUp() {
    rewind.goOn(present.history(), present.written(), false);
  }

  /** Goes there without what came in: just to see since when the query could have been there. */
  void skim() {
    rewind.goOn(present.history(), present.written(), true);
  }

  /**
   * What the query knows by now; null where the database was never started.
   *
   * @throws LaminarException what it has failed of
   */
  RebuiltQuery rebuilt() {
    requireThere();
    return past.database().engine().rebuilt(NAME);
  }

  /** From where on it knows what came in, for people. */
  String reach() {
    requireThere();
    return "from retained history since "
        + since
        + (whole ? "" : "; what came before is not known");
  }

  private void requireThere() {
    if (since == null) {
      throw new LaminarException(
          ErrorCode.INTERNAL_ERROR,
          "the query cannot be computed from what is retained: " + notYet.problem(),
          notYet);
    }
  }

  // ---- Statements of then

  private void execute(KeptStatement then) {
    try {
      past.statements().executeAgain(then);
    } catch (LaminarException inUse) {
      if (since == null || inUse.code() != ErrorCode.OBJECT_IN_USE) {
        throw inUse;
      }
      past.statements().under(then, () -> past.detach(NAME)); // it reads what goes
      since = null;
      past.statements().executeAgain(then);
    }
    attach();
  }

  private void attach() {
    if (since != null) {
      return;
    }
    try {
      past.statements().under(statement, () -> past.attachAlone(statement.text(), NAME, operators));
      since =
          rewind.reached() == 0 ? "the beginning" : rewind.now() + ", record " + rewind.reached();
    } catch (LaminarException e) {
      notYet = e; // what it reads is not there yet, or is something else
    }
  }

  /** What tells the operators of a query from those of another one. */
  static List<String> operators(OperatorGraph graph) {
    return graph.nodes().stream()
        .map(node -> node.label() + " " + node.factory().fingerprint() + " " + node.inputs())
        .toList();
  }

  @Override
  public void close() {
    past.database().close(false);
  }
}
