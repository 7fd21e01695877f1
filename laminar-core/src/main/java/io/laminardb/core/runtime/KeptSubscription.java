package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.BatchCodec;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * What a receiver of a name has not acknowledged of a stream: every row with its number, counted from 1
 * over the whole life of the subscription. It is state as that of operators is: written to snapshots,
 * and the same again when what came in is taken in again, as acknowledgements are events, too.
 *
 * <p>When it is full it refuses rows until some are acknowledged; but not while what was written down is
 * taken in again, where the acknowledgement comes behind the rows it made room for.
 *
 * <p>The reactor's, but for what is said to be any thread's.
 */
final class KeptSubscription implements StreamConsumer {
  private static final int FORMAT = 1;
  private static final int CHUNK_ROWS = 1024;

  /** Rows of consecutive numbers, as they came; all are full but the last. */
  private record Chunk(long first, Batch rows) {
    long last() {
      return first + rows.rowCount() - 1;
    }
  }

  final String name;
  final StreamOutput stream;
  private final ReactorContext context;
  private final BatchCodec codec;
  private final int capacityRows;
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
  private volatile long acknowledged;
  private volatile long last;
  private int appended; // rows of the batch in flight that are here
  private volatile boolean ended;
  private volatile LaminarException failure;
  private volatile Thread waiter;

  // Up to which number rows may be given: what they came from is on disk.
  private long safe;
  private long fence; // safe once the journal is durable up to fencePosition
  private long fencePosition;
  private long lastPosition; // of the journal when the last row came

  SubscriptionReader reader; // or null

  /**
   * @param capacityRows rows that are kept before more are refused
   */
  KeptSubscription(String name, StreamOutput stream, int capacityRows, ReactorContext context) {
    this.name = name;
    this.stream = stream;
    this.capacityRows = capacityRows;
    this.context = context;
    this.codec = new BatchCodec(stream.schema);
  }

  @Override
  public String name() {
    return "subscription \"" + name + "\"";
  }

  // ---- Rows in

  @Override
  public boolean offer(Batch batch) {
    long room = isBounded() ? capacityRows - waitingRows() : Long.MAX_VALUE;
    int count = (int) Math.min(batch.size() - appended, Math.max(0, room));
    int from = batch.from() + appended;
    int taken = append(batch, from, from + count);
    if (taken > 0) {
      appended += taken;
      context.progressed();
      signal();
    }
    if (appended == batch.size()) {
      appended = 0;
      return true;
    }
    context.refused(name());
    return false;
  }

  private boolean isBounded() {
    return context.log == null || !context.log.isReplaying();
  }

  /** Takes rows without looking for room; fewer than asked for where memory is short. */
  private int append(Batch batch, int from, int to) {
    int at = from;
    try {
      while (at < to) {
        Batch tail = tail();
        int count = Math.min(to - at, tail.capacity() - tail.rowCount());
        int before = tail.rowCount();
        try {
          tail.append(batch, at, at + count);
        } catch (OutOfMemoryException e) {
          tail.continueAt(before);
          throw e;
        }
        at += count;
        last = last + count;
      }
    } catch (OutOfMemoryException e) {
      // Somebody frees some: the rows come again.
    }
    if (context.log != null && context.log.journal() != null && at > from) {
      lastPosition = context.log.journal().position();
    }
    return at - from;
  }

  private Batch tail() {
    Chunk tail = chunks.peekLast();
    if (tail == null || tail.rows().isFull()) {
      tail = new Chunk(last + 1, new Batch(stream.schema, CHUNK_ROWS, context.allocator));
      chunks.add(tail);
    }
    return tail.rows();
  }

  /** Takes what there was of the stream before the first row, however much that is. */
  void begin(Batch present) {
    if (append(present, present.from(), present.to()) < present.size()) {
      throw new LaminarException(
              ErrorCode.MEMORY_BUDGET_EXCEEDED,
              name() + " cannot hold what \"" + stream.name + "\" has now.")
          .mend("Raise memoryBudget.");
    }
  }

  /** As {@link #begin}, with what was written down then. */
  void beginAgain(byte[] written) {
    try (Batch present = read(written)) {
      begin(present);
    }
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (watermarkNs == Watermark.END) {
      ended = true;
      signal();
    }
    return true;
  }

  @Override
  public void failed(LaminarException newFailure) {
    if (failure == null) {
      failure = newFailure;
    }
    signal();
  }

  // ---- Rows out

  /**
   * Copies rows, as many as lie together.
   *
   * @param next number of the first
   * @return rows, which the caller closes; null where none is there yet that may be given: then {@link
   *     #awaited} says what for
   */
  Batch take(long next) {
    if (next > last || !isSafe(next)) {
      return null;
    }
    for (Chunk chunk : chunks) {
      if (next <= chunk.last()) {
        int from = (int) (next - chunk.first());
        int count = (int) (Math.min(chunk.last(), safe) - next) + 1;
        Batch rows = new Batch(stream.schema, count, context.allocator);
        try {
          rows.append(chunk.rows(), from, from + count);
        } catch (RuntimeException e) {
          rows.close();
          throw e;
        }
        return rows;
      }
    }
    throw new IllegalStateException("row " + next + " of " + name() + " is gone");
  }

  /** Whether the process can end at any moment, and the row will come to be again. */
  private boolean isSafe(long number) {
    if (context.log == null) {
      safe = last;
    } else if (number > safe) {
      long durable = context.log.journal().durable();
      if (durable >= lastPosition) {
        safe = last;
      } else if (fence >= number && durable >= fencePosition) {
        safe = fence;
      } else if (fence < number) {
        fence = last;
        fencePosition = lastPosition;
        context.log.journal().request(fencePosition);
      }
    }
    return number <= safe;
  }

  /** The position of the journal that rows wait for. */
  long awaited() {
    return fencePosition;
  }

  /** Forgets rows up to a number. */
  void acknowledge(long number) {
    if (number <= acknowledged) {
      return;
    }
    acknowledged = number;
    for (Iterator<Chunk> each = chunks.iterator(); each.hasNext(); ) {
      Chunk chunk = each.next();
      if (chunk.last() > number) {
        break;
      }
      each.remove();
      chunk.rows().close();
    }
    context.progressed();
  }

  /** A copy of the rows there are, whether they may be given yet or not. */
  KeptRows copy() {
    Present.Copies copies = new Present.Copies(context.allocator);
    try {
      chunks.forEach(chunk -> copies.offer(chunk.rows()));
      return new KeptRows(chunks.isEmpty() ? last + 1 : chunks.peek().first(), copies.batches);
    } catch (RuntimeException | Error e) {
      copies.batches.forEach(Batch::close);
      throw e;
    }
  }

  /** The number up to which rows were acknowledged; any thread. */
  long acknowledged() {
    return acknowledged;
  }

  /** The number of the last row there is; any thread. */
  long last() {
    return last;
  }

  /** Rows that were not acknowledged; any thread. */
  long waitingRows() {
    return last - acknowledged;
  }

  /** Whether the stream has ended; any thread. */
  boolean isEnded() {
    return ended;
  }

  /** Why no more rows come, or null; any thread. */
  LaminarException failure() {
    return failure;
  }

  /** Waits a little for a row behind a number. */
  void await(long number, long mostNs) {
    waiter = Thread.currentThread();
    if (last <= number && !ended && failure == null) {
      LockSupport.parkNanos(this, mostNs);
    }
    waiter = null;
  }

  private void signal() {
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  // ---- State

  /** Gives the first rows of its life to be written down. */
  Iterable<Batch> batches() {
    return chunks.stream().map(Chunk::rows)::iterator;
  }

  BatchCodec codec() {
    return codec;
  }

  void snapshot(StateWriter head) {
    head.putInt(FORMAT);
    head.putText(stream.name);
    head.putLong(acknowledged);
    head.putLong(last);
    head.putByte(ended ? 1 : 0);
  }

  /** Puts the rows, in parts that do not change once they are full. */
  void putRows(String prefix, Map<String, byte[]> parts) {
    for (Chunk chunk : chunks) {
      byte[] bytes;
      try (ArrowBuf buffer = context.allocator.buffer(codec.maxLength(chunk.rows()))) {
        bytes = new byte[codec.write(chunk.rows(), buffer.memoryAddress())];
        Memory.copyToHeap(buffer.memoryAddress(), bytes, 0, bytes.length);
      }
      parts.put(String.format("%s%016x", prefix, chunk.first()), bytes);
    }
  }

  /** Becomes what was written. */
  void restore(StateReader head, Map<String, byte[]> rows) {
    int format = head.getInt();
    if (format != FORMAT || !stream.name.equalsIgnoreCase(head.getText())) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT, "the state of " + name() + " is not its own.")
          .mend("Open the directory with the version that wrote it.");
    }
    close();
    acknowledged = head.getLong();
    long written = head.getLong();
    ended = head.getByte() != 0;
    last = acknowledged;
    for (Map.Entry<String, byte[]> part : rows.entrySet()) {
      byte[] bytes = part.getValue();
      long first = Long.parseUnsignedLong(part.getKey().substring(part.getKey().length() - 16), 16);
      chunks.add(new Chunk(first, read(bytes)));
      last = chunks.peekLast().last();
    }
    if (last != written) {
      throw new LaminarException(
          ErrorCode.STATE_CORRUPT, name() + " has rows up to " + last + ", not " + written + ".");
    }
  }

  private Batch read(byte[] bytes) {
    try (ArrowBuf buffer = context.allocator.buffer(bytes.length)) {
      Memory.copyFromHeap(bytes, 0, buffer.memoryAddress(), bytes.length);
      return codec.read(buffer.memoryAddress(), bytes.length, context.allocator);
    }
  }

  /** Frees the rows. */
  void close() {
    chunks.forEach(chunk -> chunk.rows().close());
    chunks.clear();
  }
}
