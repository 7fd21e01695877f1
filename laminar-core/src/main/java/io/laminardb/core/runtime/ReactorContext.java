package io.laminardb.core.runtime;

import io.laminardb.core.reactor.Reactor;
import io.laminardb.core.state.SpillSpace;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;

/** What everything on one reactor shares. The reactor's thread, unless it says otherwise. */
final class ReactorContext {
  final EngineOptions options;
  final BufferAllocator allocator;
  final Reactor reactor;
  final Background background = new Background();

  /** Writes down what comes in; null where nothing is kept. Set before anything runs. */
  InputLog log;

  /** Where operators spill; null where all state stays in memory. */
  SpillSpace spillSpace;

  /** Lets operators to come spill; null where their state stays in memory. */
  Spilling spilling;

  /** Who refused last; for messages, any thread. */
  volatile String refusedBy;

  /** All operators there are, which hold state. */
  final StateHolders holders = new StateHolders();

  private final AtomicLong progress = new AtomicLong();

  private boolean timed;
  private OperatorNode current;
  private long stampNs;

  ReactorContext(EngineOptions options, BufferAllocator allocator, Reactor reactor) {
    this.options = options;
    this.allocator = allocator;
    this.reactor = reactor;
  }

  /** Processing time: of this cycle, or of the event under way where events are written down. */
  long nowEpochNs() {
    return log == null ? reactor.nowEpochNs() : log.nowEpochNs();
  }

  /** Whether the caller's thread drives: always, or as long as what was written down is taken in. */
  boolean isInline() {
    return options.inline() || log != null && log.isReplaying();
  }

  void refused(String name) {
    refusedBy = name;
  }

  void progressed() {
    progress.lazySet(progress.getPlain() + 1);
  }

  /** Moves whenever something got on; any thread. */
  long progress() {
    return progress.get();
  }

  /** Measures the time operators take, from now on or no more. */
  void timed(boolean newTimed) {
    timed = newTimed;
    current = null;
  }

  /** An operator begins; time goes to it alone until another one begins or it ends. */
  OperatorNode enter(OperatorNode node) {
    if (!timed) {
      return null;
    }
    OperatorNode outer = current;
    charge();
    current = node;
    return outer;
  }

  void leave(OperatorNode outer) {
    if (timed) {
      charge();
      current = outer;
    }
  }

  private void charge() {
    long now = System.nanoTime();
    if (current != null) {
      current.addBusyNs(now - stampNs);
    }
    stampNs = now;
  }
}
