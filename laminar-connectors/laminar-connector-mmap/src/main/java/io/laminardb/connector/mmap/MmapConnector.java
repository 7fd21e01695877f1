package io.laminardb.connector.mmap;

import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.TableStore;
import java.util.Set;

/** Keeps tables in files on Chronicle Map; {@code CREATE TABLE .. WITH (storage = 'mmap', path = '..')}. */
public final class MmapConnector implements ConnectorFactory {
  /** For the service loader. */
  public MmapConnector() {}

  @Override
  public String name() {
    return "MMAP";
  }

  @Override
  public Set<Direction> directions() {
    return Set.of(Direction.STORE);
  }

  @Override
  public TableStore store(ConnectorOptions options, TableStore.Declared table) {
    return new MmapTable(MmapOptions.of(options, table.isRead()), table);
  }
}
