package io.laminardb.core.connector;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import java.util.List;

/**
 * A table outside whose rows are asked for by key, when a row of a stream wants them: {@code CREATE
 * LOOKUP TABLE .. FROM}. Its options are checked. Any thread.
 */
public interface LookupConnector {
  /** How it is asked, and what is kept of its answers. */
  LookupOptions options();

  /**
   * Looks whether the table outside is there and has the columns. Blocks; a statement waits for it.
   *
   * @throws LaminarException CONNECTOR_FAILED, SCHEMA_MISMATCH, NOT_SUPPORTED for a type it cannot give
   */
  void check(Schema table);

  /**
   * A reader of its own connection, which is made when it is first used. Does not block.
   *
   * @param table the columns that are read
   * @param keys those of them that are given
   */
  LookupReader open(Schema table, List<Integer> keys);

  /**
   * As above, of a table whose rows are only wanted where all conditions hold. A connector that cannot
   * ask for those alone gives others, too.
   */
  default LookupReader open(Schema table, List<Integer> keys, List<LookupCondition> conditions) {
    return open(table, keys);
  }
}
