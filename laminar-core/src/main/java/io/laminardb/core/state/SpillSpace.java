package io.laminardb.core.state;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.durable.HeapSpill;
import io.laminardb.core.durable.SpillStore;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What the operators of one engine share to spill: a store, and marks of the memory that all of the
 * database has taken from its allocator. Below the first mark nothing is done; behind it, cold state goes
 * to the store between two batches; at the second one tables stop growing in the middle of a batch;
 * behind the third, state that is being written goes to the store as well. Marks are any thread's, the
 * rest is the reactor's.
 */
public final class SpillSpace {
  private static final int LEAST_BLOCK_BYTES = 4096;
  private static final int MOST_BLOCK_BYTES = 256 << 10;

  private final SpillStore store;
  private final BufferAllocator allocator;
  private final long coldBytes;
  private final long growthBytes;
  private final long hotBytes;
  private final long leastBytes;
  private final int blockBytes;

  /**
   * Space in a store, which stays the caller's.
   *
   * @param allocator the one that all memory of the budget comes from
   * @param budgetBytes what may be taken from it; 0 lets everything spill always, for tests
   */
  public SpillSpace(SpillStore store, BufferAllocator allocator, long budgetBytes) {
    this.store = requireNonNull(store, "store");
    this.allocator = requireNonNull(allocator, "allocator");
    coldBytes = budgetBytes / 4 * 3;
    growthBytes = budgetBytes / 8 * 7;
    hotBytes = budgetBytes / 16 * 15;
    leastBytes = budgetBytes / 32;
    blockBytes = (int) Math.max(LEAST_BLOCK_BYTES, Math.min(MOST_BLOCK_BYTES, budgetBytes / 256));
  }

  /** Space for what was spilled elsewhere and is to be held again; nothing is put there else. */
  public static SpillSpace onHeap(BufferAllocator allocator) {
    return new SpillSpace(new HeapSpill(), allocator, Long.MAX_VALUE);
  }

  /** Whether state that is not being written is to leave memory; with {@code hot}, any state. */
  public boolean isTight(boolean hot) {
    return allocator.getAllocatedMemory() > (hot ? hotBytes : coldBytes);
  }

  /** Whether a table of so many bytes may become larger; small ones may always. */
  boolean mayGrow(long heldBytes, long moreBytes) {
    return heldBytes + moreBytes <= leastBytes
        || allocator.getAllocatedMemory() + moreBytes <= growthBytes;
  }

  /** Whether a table is too small to be worth a look when memory is short. */
  boolean isSmall(long heldBytes) {
    return heldBytes <= leastBytes;
  }

  /** How large a block of the store should be: large enough for the disk, small beside the budget. */
  int blockBytes() {
    return blockBytes;
  }

  SpillStore store() {
    return store;
  }
}
