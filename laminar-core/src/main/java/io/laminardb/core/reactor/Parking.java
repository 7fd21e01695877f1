package io.laminardb.core.reactor;

import io.laminardb.core.memory.PaddedLong;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Where the thread of a {@link Reactor} pauses. Apart from the reactor, as producers look here for every
 * row: what the thread writes in every cycle would be on the same cache lines.
 */
public final class Parking {
  private final PaddedLong parked = new PaddedLong(); // 1 while the thread may pause
  private volatile Thread thread;

  Parking() {}

  /** Ends a pause of the thread, after there is new work. Any thread; costs a read when it is busy. */
  public void wake() {
    if (parked.get() != 0) {
      LockSupport.unpark(thread);
    }
  }

  /** Says who pauses here, before anybody does. */
  void thread(Thread newThread) {
    thread = newThread;
  }

  /** From now on {@link #wake} ends a pause; what there was to do before is seen after this. */
  void begin() {
    parked.set(1);
    VarHandle.fullFence();
  }

  void end() {
    parked.set(0);
  }
}
