package io.laminardb.core.connector;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Set;

/**
 * A kind of source or sink, by the name that stands in {@code FROM name (..)} and {@code INTO name
 * (..)}. Found by {@link java.util.ServiceLoader}; has a public constructor without arguments, keeps
 * no state, and may be called by any thread.
 */
public interface ConnectorFactory {
  /** What a connector can be. */
  enum Direction {
    SOURCE,
    SINK,
    /** Asked for rows by key. */
    LOOKUP,
    /** Keeps tables: {@code WITH (storage = '..')}. */
    STORE
  }

  /** The name in SQL, upper case; matched without regard to case. */
  String name();

  Set<Direction> directions();

  /**
   * Checks the options of a source; touches nothing outside.
   *
   * @throws LaminarException INVALID_OPTION at the option's place; NOT_SUPPORTED if this connector
   *     is no source
   */
  default SourceConnector source(ConnectorOptions options) {
    throw new LaminarException(ErrorCode.NOT_SUPPORTED, name() + " cannot be read from.")
        .mend("It is a sink: CREATE SINK .. INTO " + name() + " (..).");
  }

  /**
   * Checks the options of a sink; touches nothing outside.
   *
   * @throws LaminarException INVALID_OPTION at the option's place; NOT_SUPPORTED if this connector
   *     is no sink
   */
  default SinkConnector sink(ConnectorOptions options) {
    throw new LaminarException(ErrorCode.NOT_SUPPORTED, name() + " cannot be written to.")
        .mend("It is a source: CREATE SOURCE .. FROM " + name() + " (..).");
  }

  /**
   * Checks the options of a table that is asked for rows by key; touches nothing outside.
   *
   * @throws LaminarException INVALID_OPTION at the option's place; NOT_SUPPORTED if this connector
   *     answers no questions
   */
  default LookupConnector lookup(ConnectorOptions options) {
    throw new LaminarException(ErrorCode.NOT_SUPPORTED, name() + " cannot be looked up in.")
        .mend("CREATE LOOKUP TABLE .. FROM JDBC (..) can.");
  }

  /**
   * Checks the options of a table that is kept in a store of its own; touches nothing outside.
   *
   * @throws LaminarException INVALID_OPTION at the option's place; NOT_SUPPORTED if this connector
   *     keeps no such tables
   */
  default TableStore store(ConnectorOptions options, TableStore.Declared table) {
    throw new LaminarException(ErrorCode.NOT_SUPPORTED, name() + " keeps no tables.")
        .mend("Tables are kept WITH (storage = 'memory') or WITH (storage = 'mmap', path = '..').");
  }
}
