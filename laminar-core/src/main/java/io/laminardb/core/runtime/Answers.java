package io.laminardb.core.runtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * What an operator has done in the background, and what that brings: it comes to the operator on the
 * driver's thread. In a durable engine it comes as an event, which is written down before; there every
 * call of the operator has come to its end by then. The driver's, unless it says otherwise.
 */
final class Answers {
  private static final byte[] NOTHING = {};

  /** How far the answer under way is. */
  private enum Step {
    /** There is none. */
    NONE,

    /** The operator knows it; what that makes possible is still to be emitted. */
    TAKEN,

    /** All is emitted; rows set aside may be on their way. */
    EMITTED
  }

  private final OperatorNode node;
  private final ReactorContext context;
  private final Queue<byte[]> ended = new ConcurrentLinkedQueue<>(); // filled by other threads
  private long pending; // pieces of work that are not taken out of there
  private Step step = Step.NONE;

  Answers(OperatorNode node, ReactorContext context) {
    this.node = node;
    this.context = context;
  }

  /** Runs work on another thread; null is nobody's. */
  void run(Supplier<byte[]> work) {
    if (context.log != null) {
      context.log.asks(node);
    }
    pending++;
    byte[][] answer = {NOTHING};
    context.background.run(
        () -> {
          byte[] given = work.get();
          answer[0] = given == null ? NOTHING : given;
        },
        () -> {
          ended.add(answer[0]);
          context.reactor.wake();
        });
  }

  /** Whether work has not ended, or the operator is not through with what it brought. */
  boolean isPending() {
    return pending > 0 || step != Step.NONE;
  }

  /** Whether an answer is under way that has to come to its end even where the query has stopped. */
  boolean isUnderWay() {
    return step != Step.NONE;
  }

  /** Tells the operator what has ended; whether there was something. */
  boolean tell() {
    boolean told = false;
    while (step != Step.NONE || take()) {
      told = true;
      if (!pass()) {
        break;
      }
    }
    return told;
  }

  /** Takes the next answer; false where there is none, or none may come in now. */
  private boolean take() {
    byte[] answer = ended.peek();
    if (answer == null || answer != NOTHING && !isWrittenDown(answer)) {
      return false;
    }
    ended.remove();
    pending--;
    context.background.handled(1);
    context.progressed();
    if (answer != NOTHING) {
      again(answer);
    }
    return true;
  }

  private boolean isWrittenDown(byte[] answer) {
    return context.log == null || context.log.beginAnswer(node) && context.log.answer(node, answer);
  }

  /** Takes an answer that is written down; {@link #pass} has to follow. */
  void again(byte[] answer) {
    node.answered(answer);
    step = Step.TAKEN;
  }

  /** Passes on what the answer under way makes possible; false where that is refused. */
  boolean pass() {
    if (step == Step.TAKEN && (node.query.isStopped() || node.completed())) {
      step = Step.EMITTED;
    }
    if (step == Step.EMITTED && (context.log == null || context.log.end())) {
      step = Step.NONE;
    }
    return step == Step.NONE;
  }

  /** Nobody asks for what is not told yet. */
  void close() {
    context.background.handled(pending);
    pending = 0;
  }
}
