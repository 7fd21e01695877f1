package io.laminardb.internal.database;

import io.laminardb.core.durable.SpillMode;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Engine;
import io.laminardb.core.state.SpillSpace;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;

/** Where the state of queries to come goes that memory has no room for. Any thread but a listener's. */
public final class StateSpill implements AutoCloseable {
  /**
   * How state spills, where it can.
   *
   * @param budgetBytes by which it is told that memory is short
   */
  public record Settings(SpillMode mode, long budgetBytes) {}

  private SpillStore store; // null where there is no directory
  private SpillSpace space;
  private SpillMode byDefault = SpillMode.NONE;
  private SpillMode mode = SpillMode.NONE;

  /** Gives the engine a store, which is closed with this. */
  synchronized void open(
      SpillStore newStore, Settings settings, Engine engine, BufferAllocator allocator) {
    store = newStore;
    space = new SpillSpace(store, allocator, settings.budgetBytes());
    byDefault = settings.mode();
    use(byDefault, engine);
  }

  /**
   * Sets where the state of queries to come goes.
   *
   * @param newMode its name in SQL, or null for what it is without being set
   * @return what it is now
   * @throws LaminarException INVALID_OPTION for what there is not, or not without a directory
   */
  public synchronized String set(String newMode, Engine engine) {
    use(newMode == null ? byDefault : parse(newMode), engine);
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private static SpillMode parse(String name) {
    for (SpillMode each : SpillMode.values()) {
      if (each.name().equalsIgnoreCase(name)) {
        return each;
      }
    }
    throw new LaminarException(ErrorCode.INVALID_OPTION, "state cannot spill to \"" + name + "\".")
        .mend("There are 'rocksdb' and 'none'.");
  }

  private void use(SpillMode newMode, Engine engine) {
    if (newMode == SpillMode.ROCKSDB && store == null) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "there is no directory that state could spill to.")
          .mend("Open the database with a directory, or with LaminarDB.builder().spillDir(path).");
    }
    engine.spillTo(newMode == SpillMode.ROCKSDB ? space : null);
    mode = newMode;
  }

  @Override
  public synchronized void close() {
    if (store != null) {
      store.close();
    }
  }
}
