package io.laminardb.internal.connector;

import io.laminardb.core.connector.TransactionalWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The transactions of a sink: the one that rows are written to, and those that wait until a checkpoint
 * which names them is durable. The writer's thread, but for {@link #toBytes}.
 */
final class SinkTransactions {
  private static final int FORMAT = 1;

  /**
   * A transaction that waits for its commit.
   *
   * @param number of the barrier behind its rows
   */
  private record PreCommitted(long number, byte[] transaction) {}

  private final TransactionalWriter writer;
  private final Deque<PreCommitted> waiting = new ArrayDeque<>(); // guarded by itself

  SinkTransactions(TransactionalWriter writer) {
    this.writer = writer;
  }

  /** Commits what a checkpoint names, discards what it does not, and begins. Null: it names none. */
  void recover(byte[] named) {
    if (named != null) {
      read(named).forEach(writer::recoverCommit);
    }
    writer.abort();
    writer.begin();
  }

  /** Ends the transaction under way and begins the next. */
  void preCommit(long number) {
    byte[] transaction = writer.preCommit();
    synchronized (waiting) {
      waiting.add(new PreCommitted(number, transaction));
    }
    writer.begin();
  }

  /** Commits those that ended with a barrier up to a number. */
  void commit(long number) {
    PreCommitted first;
    while ((first = first()) != null && first.number() <= number) {
      writer.commit(first.transaction());
      synchronized (waiting) {
        waiting.remove();
      }
    }
  }

  private PreCommitted first() {
    synchronized (waiting) {
      return waiting.peek();
    }
  }

  /** All that waits, for a checkpoint. Any thread. */
  byte[] toBytes() {
    StateWriter bytes = new StateWriter();
    bytes.section(StateWriter.NO_KEY_GROUP);
    bytes.putInt(FORMAT);
    synchronized (waiting) {
      bytes.putInt(waiting.size());
      waiting.forEach(each -> bytes.putBlock(each.transaction()));
    }
    return bytes.toBytes();
  }

  private static List<byte[]> read(byte[] named) {
    StateReader reader = new StateReader(named);
    if (reader.hasSection()) {
      reader.section();
    }
    int format = reader.getInt();
    if (format != FORMAT) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              "the transactions of a sink were written in format "
                  + format
                  + ", and this version reads "
                  + FORMAT
                  + ".")
          .mend("Open the directory with the version that wrote it.");
    }
    List<byte[]> transactions = new ArrayList<>();
    for (int count = reader.getInt(); count > 0; count--) {
      transactions.add(reader.getBlock());
    }
    return transactions;
  }
}
