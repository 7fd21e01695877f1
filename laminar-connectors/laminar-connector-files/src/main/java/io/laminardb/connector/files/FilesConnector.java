package io.laminardb.connector.files;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.Guarantee;
import io.laminardb.core.connector.SinkConnector;
import io.laminardb.core.connector.SinkWriter;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.connector.TransactionalWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The connector {@code FILES}: CSV and JSON lines, plain or gz, by path, directory or glob. */
public final class FilesConnector implements ConnectorFactory {
  @Override
  public String name() {
    return "FILES";
  }

  @Override
  public Set<Direction> directions() {
    return EnumSet.of(Direction.SOURCE, Direction.SINK);
  }

  @Override
  public SourceConnector source(ConnectorOptions written) {
    SourceOptions options = SourceOptions.of(written);
    return new SourceConnector() {
      @Override
      public boolean isBounded() {
        return !options.follow();
      }

      @Override
      public boolean isRereadable() {
        return !options.follow(); // a log is rotated, and gone
      }

      @Override
      public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
      }

      @Override
      public Optional<List<Field>> inferSchema() {
        return Optional.of(SchemaInference.infer(options));
      }

      @Override
      public SourceReader open(Schema schema) {
        return new FilesReader(options, schema);
      }
    };
  }

  @Override
  public SinkConnector sink(ConnectorOptions written) {
    SinkOptions options = SinkOptions.of(written);
    return new SinkConnector() {
      @Override
      public Guarantee guarantee() {
        return Guarantee.EXACTLY_ONCE;
      }

      @Override
      public SinkWriter open(Schema schema) {
        return new FilesWriter(options, schema);
      }

      @Override
      public TransactionalWriter openTransactional(Schema schema) {
        return options.mode() == SinkOptions.Mode.APPEND
            ? new AppendedFile(options, schema)
            : new ReplacedFile(options, schema);
      }
    };
  }
}
