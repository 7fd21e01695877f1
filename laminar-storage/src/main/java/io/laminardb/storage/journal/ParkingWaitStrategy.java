package io.laminardb.storage.journal;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for records without costing the thread that makes them anything: after work the writer naps,
 * a millisecond at a time, and finds by itself what has come meanwhile; who cannot wait for that calls
 * {@link #wake}. Only a writer that has been idle for long has to be woken by the first record.
 */
final class ParkingWaitStrategy implements WaitStrategy {
  private static final int SPINS = 50;
  private static final int NAPS = 200;
  private static final long NAP_NS = 1_000_000;
  private static final long SLEEP_NS =
      50_000_000; // a signal that is missed costs no more than that

  private volatile Thread napping;
  private volatile boolean asleep;

  @Override
  public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
      throws AlertException {
    long available = dependent.get();
    for (int turn = 0; available < sequence; turn++) {
      barrier.checkAlert();
      if (turn < SPINS) {
        Thread.onSpinWait();
        available = dependent.get();
        continue;
      }
      napping = Thread.currentThread();
      asleep = turn > SPINS + NAPS;
      available = dependent.get();
      if (available < sequence) {
        LockSupport.parkNanos(this, asleep ? SLEEP_NS : NAP_NS);
        available = dependent.get();
      }
      asleep = false;
      napping = null;
    }
    return available;
  }

  /** Called by the Disruptor with every record. */
  @Override
  public void signalAllWhenBlocking() {
    if (asleep) {
      wake();
    }
  }

  /** Ends a nap now. */
  void wake() {
    Thread thread = napping;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
