package io.laminardb;

import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;

/** What tests reach inside a database for. */
public final class TestAccess {
  private TestAccess() {}

  /** Writes out the state of every operator and rebuilds it from that, in place. */
  public static void rebuildState(LaminarDB db) {
    db.rebuildState();
  }

  /** Lets all state that can spill do so between any two batches. */
  public static LaminarDB.Builder spillAlways(LaminarDB.Builder builder) {
    builder.spillAlways();
    return builder;
  }

  /** Keeps the database that is built by a provider of the test's own. */
  public static LaminarDB.Builder storage(
      LaminarDB.Builder builder, StorageProvider provider, StorageOptions sizes) {
    return builder.storage(provider, sizes);
  }

  /** Ends a database as if the process did. */
  public static void crash(LaminarDB db) {
    db.crash();
  }
}
