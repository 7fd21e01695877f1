package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Output;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows of a stream that hold now, for a reader that comes late. It gets them before everything
 * else, so that no row is ever taken back from it that it was not given. Between batches.
 */
interface Present {
  /**
   * Whether what is told now is exactly what the stream has emitted: a change that is on its way
   * through the operators may be in their state and not with the readers yet.
   */
  boolean isSettled();

  /**
   * Tells all rows, with weight 1 where the stream is a changelog.
   *
   * @param output takes everything
   * @param scratch where memory for the time of the call comes from
   */
  void tell(Output output, BufferAllocator scratch);

  /** Whether it is known at all; otherwise {@link #tell} tells nothing. */
  default boolean isKnown() {
    return true;
  }

  /**
   * A copy of all rows.
   *
   * @param target where the batches' memory comes from; the caller closes them
   */
  default List<Batch> copy(BufferAllocator target) {
    Copies copies = new Copies(target);
    try {
      tell(copies, target);
      return copies.batches;
    } catch (RuntimeException | Error e) {
      copies.batches.forEach(Batch::close);
      throw e;
    }
  }

  /** Takes copies of what it is offered. */
  final class Copies implements Output {
    final List<Batch> batches = new ArrayList<>(); // the taker's to close
    private final BufferAllocator target;

    Copies(BufferAllocator target) {
      this.target = target;
    }

    @Override
    public boolean offer(Batch batch) {
      if (batch.size() > 0) {
        Batch copy = new Batch(batch.schema(), batch.size(), target);
        batches.add(copy);
        copy.append(batch, batch.from(), batch.to());
      }
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }
  }
}
