package io.laminardb.core.reactor;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.Clock;
import io.laminardb.core.time.WaitingTime;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A duty cycle of commands, tasks and timers. It has one driver at a time: its own thread after
 * {@link #startThread}, else whoever calls {@link #drive} or {@link #call}, one after the other.
 *
 * <p>Everything a task touches belongs to the driver. Other threads reach it through {@link #call}.
 */
public final class Reactor {
  /** What a {@link Reactor} calls when a cycle throws what no task caught. */
  public interface FailureHandler {
    void onFailure(Throwable failure);
  }

  /** Says when timers that are due may fire; the driver's. */
  public interface TimerGate {
    /** Whether they may; what it answers to {@link #nowEpochNs} stays until {@link #leave}. */
    boolean enter();

    /** Whether {@link #leave} has still to come. */
    boolean isEntered();

    /** The time they are told. */
    long nowEpochNs();

    /** None that was due then is left. */
    void leave();
  }

  private static final int COMMANDS_PER_CYCLE = 64;
  private static final int TIMERS_PER_CYCLE = 256;
  private static final int SPINS = 200;
  private static final int YIELDS = 100;
  private static final long MIN_PARK_NS = 10_000;
  private static final long MAX_PARK_NS = 1_000_000;

  private final String name;
  private final Clock clock;
  private final boolean spinning;
  private final FailureHandler failureHandler;
  private final TimerQueue timers = new TimerQueue();
  private final ConcurrentLinkedQueue<FutureTask<?>> commands = new ConcurrentLinkedQueue<>();
  private final DriverLock lock = new DriverLock();
  private TimerGate gate; // or null
  private Task[] tasks = {};
  private Runnable[] deferred = new Runnable[4];
  private int deferredCount;
  private boolean inCycle;
  private boolean driveAgain;
  private long nowEpochNs;
  private boolean clockRead;
  private volatile Thread thread;
  private volatile boolean parked;
  private volatile boolean closed;
  private volatile long cycles;

  /**
   * A reactor without a thread.
   *
   * @param spinning whether its thread burns a core for the lowest latency
   */
  public Reactor(String name, Clock clock, boolean spinning, FailureHandler failureHandler) {
    this.name = name;
    this.clock = clock;
    this.spinning = spinning;
    this.failureHandler = failureHandler;
  }

  /** The timers; the driver's. */
  public TimerQueue timers() {
    return timers;
  }

  /** Asks before timers fire, from now on; before it runs. */
  public void timerGate(TimerGate newGate) {
    gate = newGate;
  }

  /** Processing time of the current cycle; the driver's. The clock is read when it is first asked. */
  public long nowEpochNs() {
    if (!clockRead) {
      nowEpochNs = clock.epochNanos();
      clockRead = true;
    }
    return nowEpochNs;
  }

  /** Adds a task at the end; the driver's, between cycles. */
  public void add(Task task) {
    Task[] more = java.util.Arrays.copyOf(tasks, tasks.length + 1);
    more[tasks.length] = task;
    tasks = more;
  }

  /** Removes a task; the driver's, between cycles. */
  public void remove(Task task) {
    tasks = java.util.Arrays.stream(tasks).filter(each -> each != task).toArray(Task[]::new);
  }

  /** Runs {@code action} when no task is in the middle of something; the driver's. */
  public void defer(Runnable action) {
    if (deferredCount == deferred.length) {
      deferred = java.util.Arrays.copyOf(deferred, deferredCount * 2);
    }
    deferred[deferredCount++] = action;
  }

  /** Whether the calling thread is inside a cycle of this reactor: in an operator or a listener. */
  public boolean isInCycle() {
    return inCycle && (thread == Thread.currentThread() || lock.isMine());
  }

  /** Begins to run the cycle on a thread of its own. */
  public void startThread() {
    Thread newThread = new Thread(this::runThread, name);
    newThread.setDaemon(true);
    thread = newThread;
    newThread.start();
  }

  /** Whether the reactor has a thread of its own. */
  public boolean hasThread() {
    return thread != null;
  }

  /** The number of cycles so far; any thread. */
  public long cycles() {
    return cycles;
  }

  /** Ends a pause of the thread, after there is new work. Any thread; costs a read when it is busy. */
  public void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Runs cycles on the calling thread until there is nothing to do, or none can be done. From within a
   * cycle it returns at once, and the outer call does the work.
   */
  public void drive() {
    lock.lock();
    try {
      if (inCycle || closed) {
        driveAgain = true;
        return;
      }
      int work;
      do {
        driveAgain = false;
        work = cycle();
      } while ((work > 0 || driveAgain) && !closed);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #drive}, where only {@code task} got work: others run when it gave them some. */
  public void drive(Task task) {
    lock.lock();
    try {
      if (inCycle || closed) {
        driveAgain = true;
        return;
      }
      inCycle = true;
      driveAgain = false;
      clockRead = false;
      int work;
      try {
        do {
          task.doWork();
        } while (task.hasMore() && !closed);
        work = deferredCount;
        if (work > 0) {
          runDeferred();
        }
      } finally {
        inCycle = false;
      }
      if (driveAgain || work > 0 || isTimerDue()) {
        drive();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs {@code action} between two cycles and returns what it returns, or throws what it throws. Any
   * thread, waits for it; not from within a cycle.
   *
   * @throws LaminarException WRONG_THREAD from within a cycle, CLOSED
   */
  public <T> T call(Supplier<T> action) {
    if (isInCycle()) {
      throw new LaminarException(ErrorCode.WRONG_THREAD, "this was called from within a listener.")
          .mend("Do it from another thread, or after the listener has returned.");
    }
    if (thread == null) {
      lock.lock();
      try {
        checkOpen();
        return run(action);
      } finally {
        lock.unlock();
      }
    }
    checkOpen();
    FutureTask<T> command = new FutureTask<>(() -> run(action));
    commands.add(command);
    wake();
    return await(command);
  }

  /** Runs an action as a cycle of its own: what it calls may not call back in. */
  private <T> T run(Supplier<T> action) {
    inCycle = true;
    clockRead = false;
    try {
      T result = action.get();
      runDeferred();
      return result;
    } finally {
      inCycle = false;
    }
  }

  private <T> T await(FutureTask<T> command) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return command.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (closed && !thread.isAlive() && !command.isDone()) {
            checkOpen();
          }
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new LaminarException(ErrorCode.INTERNAL_ERROR, "a command failed.", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Stops the thread after its cycle and waits for it, {@code timeoutMs} at most. */
  public boolean close(long timeoutMs) {
    closed = true;
    Thread running = thread;
    if (running == null || running == Thread.currentThread()) {
      return true;
    }
    LockSupport.unpark(running);
    return WaitingTime.join(running, timeoutMs);
  }

  /** Lets {@link #drive} run a whole cycle before it returns; the driver's. */
  public void requestCycle() {
    driveAgain = true;
  }

  /** Runs {@code action} after {@link #close}, unless somebody drives for {@code timeoutMs} more. */
  public void runClosed(Runnable action, long timeoutMs) {
    if (lock.tryLock(TimeUnit.MILLISECONDS.toNanos(timeoutMs))) {
      try {
        action.run();
      } finally {
        lock.unlock();
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, "the database is closed.");
    }
  }

  private int cycle() {
    inCycle = true;
    clockRead = false;
    try {
      int work = isTimerDue() || gate != null && gate.isEntered() ? fireTimers() : 0;
      for (Task task : tasks) {
        work += task.doWork();
      }
      work += deferredCount;
      runDeferred();
      return work;
    } finally {
      inCycle = false;
    }
  }

  private int fireTimers() {
    if (gate == null) {
      return timers.poll(nowEpochNs(), TIMERS_PER_CYCLE);
    }
    if (!gate.enter()) {
      return 0;
    }
    int fired = timers.poll(gate.nowEpochNs(), TIMERS_PER_CYCLE);
    if (timers.nextDue() > gate.nowEpochNs()) {
      gate.leave();
    }
    return fired;
  }

  private boolean isTimerDue() {
    long due = timers.nextDue();
    return due != Long.MAX_VALUE && due <= nowEpochNs();
  }

  private void runDeferred() {
    for (int i = 0; i < deferredCount; i++) {
      Runnable action = deferred[i];
      deferred[i] = null;
      action.run();
    }
    deferredCount = 0;
  }

  /** Whether somebody waits for a command: a long task lets it be run, and goes on after it. */
  public boolean hasCommands() {
    return !commands.isEmpty();
  }

  private int runCommands() {
    int ran = 0;
    FutureTask<?> command;
    while (ran < COMMANDS_PER_CYCLE && (command = commands.poll()) != null) {
      command.run();
      ran++;
    }
    return ran;
  }

  private void runThread() {
    int idle = 0;
    while (!closed) {
      int work = 0;
      try {
        work = runCommands() + cycle();
      } catch (Throwable e) {
        failureHandler.onFailure(e);
      }
      cycles = cycles + 1;
      if (work > 0) {
        idle = 0;
      } else {
        idle(++idle);
      }
    }
    runCommands();
  }

  private void idle(int count) {
    if (spinning || count < SPINS) {
      Thread.onSpinWait();
    } else if (count < SPINS + YIELDS) {
      Thread.yield();
    } else {
      parked = true;
      if (commands.isEmpty() && !closed) {
        int doublings = Math.min(7, count - SPINS - YIELDS);
        LockSupport.parkNanos(this, Math.min(MAX_PARK_NS, MIN_PARK_NS << doublings));
      }
      parked = false;
    }
  }
}
