package io.laminardb.core.reactor;

import java.util.Arrays;

/**
 * Timers ordered by when they are due, as a binary heap. Every timer has one due time at most; asking
 * again replaces it. One thread; no allocation once it has grown.
 */
public final class TimerQueue {
  /** What is to be called. */
  public abstract static class Timer {
    private int index = -1;
    private long dueEpochNs;

    /**
     * The time has come.
     *
     * @return false to be called again in the next cycle, as the output refuses
     */
    protected abstract boolean fire(long nowEpochNs);

    /** Below 0 where it is called before another one that is due at the same time, above 0 if after. */
    protected int orderAmongDue(Timer other) {
      return 0;
    }
  }

  private Timer[] heap = new Timer[16];
  private int size;
  private Timer[] refused = new Timer[16];

  /** Sets the timer, in place of what it was set to. */
  public void schedule(Timer timer, long epochNs) {
    if (timer.index < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size * 2);
      }
      timer.index = size;
      heap[size++] = timer;
      timer.dueEpochNs = epochNs;
      up(timer);
      return;
    }
    boolean sooner = epochNs < timer.dueEpochNs;
    timer.dueEpochNs = epochNs;
    if (sooner) {
      up(timer);
    } else {
      down(timer);
    }
  }

  /** Forgets the timer. */
  public void cancel(Timer timer) {
    int at = timer.index;
    if (at < 0) {
      return;
    }
    timer.index = -1;
    Timer last = heap[--size];
    heap[size] = null;
    if (last != timer) {
      last.index = at;
      heap[at] = last;
      up(last);
      down(last);
    }
  }

  /** When the next timer is due, or {@link Long#MAX_VALUE}. */
  public long nextDue() {
    return size == 0 ? Long.MAX_VALUE : heap[0].dueEpochNs;
  }

  /** Fires up to {@code limit} timers that are due and returns how many fired to their end. */
  public int poll(long nowEpochNs, int limit) {
    int fired = 0;
    int refusals = 0;
    while (fired < limit && size > 0 && heap[0].dueEpochNs <= nowEpochNs) {
      Timer timer = heap[0];
      cancel(timer);
      if (timer.fire(nowEpochNs)) {
        fired++;
      } else {
        if (refusals == refused.length) {
          refused = Arrays.copyOf(refused, refusals * 2);
        }
        refused[refusals++] = timer;
      }
    }
    while (refusals > 0) {
      Timer timer = refused[--refusals];
      refused[refusals] = null;
      schedule(timer, timer.dueEpochNs);
    }
    return fired;
  }

  private void up(Timer timer) {
    int at = timer.index;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (!isBefore(timer, heap[parent])) {
        break;
      }
      place(heap[parent], at);
      at = parent;
    }
    place(timer, at);
  }

  private void down(Timer timer) {
    int at = timer.index;
    int child;
    while ((child = 2 * at + 1) < size) {
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!isBefore(heap[child], timer)) {
        break;
      }
      place(heap[child], at);
      at = child;
    }
    place(timer, at);
  }

  private static boolean isBefore(Timer left, Timer right) {
    return left.dueEpochNs < right.dueEpochNs
        || left.dueEpochNs == right.dueEpochNs && left.orderAmongDue(right) < 0;
  }

  private void place(Timer timer, int at) {
    timer.index = at;
    heap[at] = timer;
  }
}
