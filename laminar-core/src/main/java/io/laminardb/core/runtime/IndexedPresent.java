package io.laminardb.core.runtime;

import io.laminardb.core.operator.Output;
import org.apache.arrow.memory.BufferAllocator;

/** What an operator knows of its rows, and beside it a copy of them that is kept for its indexes. */
record IndexedPresent(Present base, ViewContent indexed) implements Present {
  @Override
  public boolean isSettled() {
    return base.isSettled();
  }

  @Override
  public boolean isKnown() {
    return base.isKnown();
  }

  @Override
  public void tell(Output output, BufferAllocator scratch) {
    base.tell(output, scratch);
  }

  @Override
  public boolean tell(Lookup lookup, Output output, BufferAllocator scratch) {
    return base.tell(lookup, output, scratch) || indexed.tell(lookup, output, scratch);
  }
}
