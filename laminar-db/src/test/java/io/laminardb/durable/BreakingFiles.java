package io.laminardb.durable;

import io.laminardb.connector.files.FilesConnector;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.Guarantee;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SinkWriter;
import io.laminardb.core.connector.TransactionalWriter;
import java.util.Set;

/**
 * The sink FILES, whose writer breaks at a call: before it does anything, or when it has done all. What
 * comes after that call does not reach the files, as if the process had ended there.
 */
final class BreakingFiles implements ConnectorFactory {
  private final FilesConnector files = new FilesConnector();
  private volatile int left = Integer.MAX_VALUE;
  private volatile boolean after;
  private volatile boolean broken;

  /** Breaks at a call, counted from 0; at none where that is negative. */
  void breakAt(int call, boolean afterIt) {
    left = call < 0 ? Integer.MAX_VALUE : call;
    after = afterIt;
    broken = false;
  }

  boolean isBroken() {
    return broken;
  }

  @Override
  public String name() {
    return "BREAKING";
  }

  @Override
  public Set<Direction> directions() {
    return Set.of(Direction.SINK);
  }

  @Override
  public SinkConnector sink(ConnectorOptions options) {
    SinkConnector sink = files.sink(options);
    return new SinkConnector() {
      @Override
      public Guarantee guarantee() {
        return sink.guarantee();
      }

      @Override
      public SinkWriter open(Schema schema) {
        return sink.open(schema);
      }

      @Override
      public TransactionalWriter openTransactional(Schema schema) {
        return new Writer(sink.openTransactional(schema));
      }
    };
  }

  private synchronized void call(Runnable action) {
    if (broken) {
      throw new IllegalStateException("it is broken");
    }
    boolean breaks = left-- == 0;
    if (!breaks || after) {
      action.run();
    }
    if (breaks) {
      broken = true;
      throw new IllegalStateException("it breaks");
    }
  }

  private final class Writer implements TransactionalWriter {
    private final TransactionalWriter files;

    Writer(TransactionalWriter files) {
      this.files = files;
    }

    @Override
    public void begin() {
      call(files::begin);
    }

    @Override
    public void write(Batch batch, int from, int to) {
      call(() -> files.write(batch, from, to));
    }

    @Override
    public void flush() {
      call(files::flush);
    }

    @Override
    public byte[] preCommit() {
      byte[][] transaction = new byte[1][];
      call(() -> transaction[0] = files.preCommit());
      return transaction[0];
    }

    @Override
    public void commit(byte[] transaction) {
      call(() -> files.commit(transaction));
    }

    @Override
    public void recoverCommit(byte[] transaction) {
      call(() -> files.recoverCommit(transaction));
    }

    @Override
    public void abort() {
      call(files::abort);
    }

    @Override
    public void finish() {
      call(files::finish);
    }

    @Override
    public void close() {
      files.close();
    }
  }
}
