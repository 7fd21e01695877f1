package io.laminardb.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What threads allocate on the heap, and the time they spend on a processor. */
final class Threads {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Threads() {}

  /** Bytes all living threads have allocated so far. */
  static long allocatedBytes() {
    return sum(THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds()));
  }

  /** Processor time of all living Java threads so far; compilers and collectors are none. */
  static long cpuNs() {
    return sum(THREADS.getThreadCpuTime(THREADS.getAllThreadIds()));
  }

  /** Processor time of the calling thread so far. */
  static long ownCpuNs() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += Math.max(0, value); // -1 where the thread has ended meanwhile
    }
    return sum;
  }
}
