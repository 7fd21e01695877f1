package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.BatchCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.durable.Journal;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * The record of a piece of rows in Arrow's buffers, which nobody writes to any more: it shares them until
 * it is written, so that the reactor neither copies nor reads a row for the journal. Made by the reactor,
 * written and closed by the journal's thread, and used again.
 */
final class SharedRows implements Journal.Deferred {
  /** Fewer rows are copied in less time than their buffers are counted. */
  private static final int MIN_ROWS = 256;

  private final Pool pool;
  private final Batch rows;
  private int partition;
  private long epochNs;
  private int maxLength;

  private SharedRows(Pool pool) {
    this.pool = pool;
    this.rows = Batch.shell(pool.schema);
  }

  /** Whether the rows on loan can be shared, and are not copied as fast. */
  static boolean areWorthIt(Batch batch) {
    return batch.size() >= MIN_ROWS && batch.isShareable();
  }

  @Override
  public int maxLength() {
    return maxLength;
  }

  @Override
  public int write(long address) {
    InputLog.header(address, InputLog.ROWS, pool.source, epochNs, partition, rows.size());
    return InputLog.HEADER + pool.codec.write(rows, address + InputLog.HEADER);
  }

  @Override
  public void close() {
    rows.close();
    pool.free.offer(this);
  }

  /** Those of one source. */
  static final class Pool {
    private static final int KEPT = 64;

    private final int source;
    private final Schema schema;
    private final BatchCodec codec; // of who writes
    private final OneToOneConcurrentArrayQueue<SharedRows> free =
        new OneToOneConcurrentArrayQueue<>(KEPT);
    private SharedRows refused; // by the journal, and free

    Pool(int source, Schema schema) {
      this.source = source;
      this.schema = schema;
      this.codec = new BatchCodec(schema);
    }

    /** A record of the rows on loan; the reactor's, until it is handed over. */
    SharedRows of(Batch batch, int partition, long epochNs) {
      SharedRows record = refused == null ? free.poll() : refused;
      refused = null;
      if (record == null) {
        record = new SharedRows(this);
      }
      record.maxLength = InputLog.HEADER + codec.maxLength(batch);
      record.partition = partition;
      record.epochNs = epochNs;
      record.rows.share(batch);
      return record;
    }

    /** A record for which the journal had no room. */
    void takeBack(SharedRows record) {
      record.rows.close();
      refused = record;
    }
  }
}
