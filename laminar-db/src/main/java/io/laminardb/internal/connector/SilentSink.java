package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.Guarantee;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SinkWriter;

/** Stands for a sink in a replay: rows end here, as they went outside once. */
public final class SilentSink implements SinkConnector {
  public static final SilentSink INSTANCE = new SilentSink();

  private SilentSink() {}

  @Override
  public Guarantee guarantee() {
    return Guarantee.EXACTLY_ONCE;
  }

  @Override
  public SinkWriter open(Schema schema) {
    return new SinkWriter() {
      @Override
      public void write(Batch batch, int from, int to) {
        // only counted, by the pump
      }

      @Override
      public void flush() {
        // nothing is held back
      }

      @Override
      public void finish() {
        // nothing is held back
      }

      @Override
      public void close() {
        // nothing is open
      }
    };
  }
}
