package org.apache.arrow.memory.netty;

import io.laminardb.GuardedMemory;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;

/**
 * Has nothing to do with Netty: Arrow looks an allocator up by this name when {@code
 * arrow.allocation.manager.type} is {@code Netty}, as it is for this module's tests. So they all run
 * on {@link GuardedMemory}.
 */
public final class NettyAllocationManager extends AllocationManager {
  private static final ArrowBuf EMPTY =
      new ArrowBuf(ReferenceManager.NO_OP, null, 0, GuardedMemory.allocate(0));

  /** Read by Arrow. */
  public static final AllocationManager.Factory FACTORY =
      new AllocationManager.Factory() {
        @Override
        public AllocationManager create(BufferAllocator allocator, long size) {
          return new NettyAllocationManager(allocator, size);
        }

        @Override
        public ArrowBuf empty() {
          return EMPTY;
        }
      };

  private final long size;
  private final long address;

  private NettyAllocationManager(BufferAllocator allocator, long size) {
    super(allocator);
    this.size = size;
    this.address = GuardedMemory.allocate(size);
  }

  @Override
  public long getSize() {
    return size;
  }

  @Override
  protected long memoryAddress() {
    return address;
  }

  @Override
  protected void release0() {
    GuardedMemory.release(address, size);
  }
}
