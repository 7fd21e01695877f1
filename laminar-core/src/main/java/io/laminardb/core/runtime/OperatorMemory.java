package io.laminardb.core.runtime;

import io.laminardb.core.state.StateMemory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.AllocationReservation;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.BufferManager;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.rounding.RoundingPolicy;

/**
 * The allocator of one operator. An operator takes memory where it is made, in a dozen objects that know
 * nothing of each other; where that fails in the middle, nobody has hold of the ones before. So what is
 * taken meanwhile is remembered here, and given back. Where there is none left, {@link #buffer(long)}
 * says so in our words: MEMORY_BUDGET_EXCEEDED. The operator's thread.
 */
final class OperatorMemory implements BufferAllocator {
  private final BufferAllocator child;
  private List<ArrowBuf> taken; // while something is made, else null

  /**
   * @param child belongs to this from now on
   */
  OperatorMemory(BufferAllocator child) {
    this.child = child;
  }

  /** Makes something; where that fails, all memory it has taken is given back. */
  <T> T make(Supplier<T> maker) {
    taken = new ArrayList<>();
    boolean made = false;
    try {
      T result = maker.get();
      made = true;
      return result;
    } finally {
      if (!made) {
        taken.forEach(OperatorMemory::giveBack);
      }
      taken = null;
    }
  }

  /** Does nothing where whoever failed has done it. */
  private static void giveBack(ArrowBuf buffer) {
    int references = buffer.refCnt();
    if (references > 0) {
      buffer.getReferenceManager().release(references);
    }
  }

  private ArrowBuf remembered(ArrowBuf buffer) {
    if (taken != null) {
      taken.add(buffer);
    }
    return buffer;
  }

  @Override
  public ArrowBuf buffer(long bytes) {
    return remembered(StateMemory.allocate(child, bytes));
  }

  @Override
  public ArrowBuf buffer(long bytes, BufferManager manager) {
    return remembered(child.buffer(bytes, manager));
  }

  @Override
  public ArrowBuf wrapForeignAllocation(ForeignAllocation allocation) {
    return remembered(child.wrapForeignAllocation(allocation));
  }

  // ---- As the child says

  @Override
  public BufferAllocator getRoot() {
    return child.getRoot();
  }

  @Override
  public BufferAllocator newChildAllocator(String name, long reserved, long limit) {
    return child.newChildAllocator(name, reserved, limit);
  }

  @Override
  public BufferAllocator newChildAllocator(
      String name, AllocationListener listener, long reserved, long limit) {
    return child.newChildAllocator(name, listener, reserved, limit);
  }

  @Override
  public void close() {
    child.close();
  }

  @Override
  public long getAllocatedMemory() {
    return child.getAllocatedMemory();
  }

  @Override
  public long getLimit() {
    return child.getLimit();
  }

  @Override
  public long getInitReservation() {
    return child.getInitReservation();
  }

  @Override
  public void setLimit(long limit) {
    child.setLimit(limit);
  }

  @Override
  public long getPeakMemoryAllocation() {
    return child.getPeakMemoryAllocation();
  }

  @Override
  public long getHeadroom() {
    return child.getHeadroom();
  }

  @Override
  public boolean forceAllocate(long bytes) {
    return child.forceAllocate(bytes);
  }

  @Override
  public void releaseBytes(long bytes) {
    child.releaseBytes(bytes);
  }

  @Override
  public AllocationListener getListener() {
    return child.getListener();
  }

  @Override
  public BufferAllocator getParentAllocator() {
    return child.getParentAllocator();
  }

  @Override
  public Collection<BufferAllocator> getChildAllocators() {
    return child.getChildAllocators();
  }

  @Override
  public AllocationReservation newReservation() {
    return child.newReservation();
  }

  @Override
  public ArrowBuf getEmpty() {
    return child.getEmpty();
  }

  @Override
  public String getName() {
    return child.getName();
  }

  @Override
  public boolean isOverLimit() {
    return child.isOverLimit();
  }

  @Override
  public String toVerboseString() {
    return child.toVerboseString();
  }

  @Override
  public void assertOpen() {
    child.assertOpen();
  }

  @Override
  public RoundingPolicy getRoundingPolicy() {
    return child.getRoundingPolicy();
  }
}
