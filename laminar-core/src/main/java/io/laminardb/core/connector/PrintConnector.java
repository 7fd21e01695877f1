package io.laminardb.core.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.batch.text.TextWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * {@code CREATE SINK .. INTO PRINT (format = 'text' | 'csv' | 'json', prefix = '..')}: writes rows
 * to a print stream as they come, standard output unless another is given. A changelog shows {@code
 * +} or {@code -} before each row in text, and a last column {@code __weight} else.
 */
public final class PrintConnector implements ConnectorFactory {
  private enum Format {
    TEXT,
    CSV,
    JSON
  }

  private final PrintStream target;

  /** Prints to what {@link System#out} is when the sink is opened. */
  public PrintConnector() {
    this(null);
  }

  /** Prints to {@code target}, which stays the caller's to close. */
  public PrintConnector(PrintStream target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "PRINT";
  }

  @Override
  public Set<Direction> directions() {
    return Set.of(Direction.SINK);
  }

  @Override
  public SinkConnector sink(ConnectorOptions options) {
    Format format = options.getEnum("format", Format.class, Format.TEXT);
    String prefix = options.getString("prefix", "");
    options.rejectUnknown();
    return new SinkConnector() {
      @Override
      public Guarantee guarantee() {
        return Guarantee.AT_LEAST_ONCE;
      }

      @Override
      public SinkWriter open(Schema schema) {
        RowFormat rows =
            switch (format) {
              case TEXT -> RowFormat.aligned(schema);
              case CSV -> RowFormat.csv(schema, ',', '"', "");
              case JSON -> RowFormat.json(schema);
            };
        return new Writer(target == null ? System.out : target, prefix, rows);
      }
    };
  }

  private static final class Writer implements SinkWriter {
    private static final int CHUNK_BYTES = 32 * 1024;

    private final PrintStream out;
    private final byte[] prefix;
    private final RowFormat rows;
    private final TextWriter text = new TextWriter(2 * CHUNK_BYTES);
    private boolean headerWritten;

    Writer(PrintStream out, String prefix, RowFormat rows) {
      this.out = out;
      this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
      this.rows = rows;
    }

    @Override
    public void write(Batch batch, int from, int to) {
      if (!headerWritten) {
        headerWritten = true;
        text.appendUtf8(prefix);
        rows.appendHeader(text);
        if (text.length() == prefix.length) {
          text.clear();
        }
      }
      for (int row = from; row < to; row++) {
        text.appendUtf8(prefix);
        rows.appendRow(batch, row, text);
        if (text.length() >= CHUNK_BYTES) {
          print();
        }
      }
      flush();
    }

    @Override
    public void flush() {
      print();
      out.flush();
    }

    @Override
    public void finish() {
      flush();
    }

    @Override
    public void close() {
      flush();
    }

    private void print() {
      out.write(text.bytes(), 0, text.length());
      text.clear();
    }
  }
}
