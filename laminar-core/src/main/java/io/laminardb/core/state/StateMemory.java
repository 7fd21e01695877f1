package io.laminardb.core.state;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/** Takes memory for state, and says in our words when there is none left. */
public final class StateMemory {
  private StateMemory() {}

  /**
   * A buffer of at least {@code bytes}; the caller closes it.
   *
   * @throws LaminarException MEMORY_BUDGET_EXCEEDED
   */
  public static ArrowBuf allocate(BufferAllocator allocator, long bytes) {
    try {
      return allocator.buffer(bytes);
    } catch (OutOfMemoryException e) {
      BufferAllocator database = allocator.getRoot();
      throw new LaminarException(
              ErrorCode.MEMORY_BUDGET_EXCEEDED,
              "state needs "
                  + bytes
                  + " bytes more than the "
                  + database.getAllocatedMemory()
                  + " the database holds, and the budget is "
                  + database.getLimit()
                  + " bytes.",
              e)
          .mend("Give the database a larger memoryBudget, or bound the state of the query.");
    }
  }
}
