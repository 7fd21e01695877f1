package io.laminardb.internal.database;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.internal.connector.Rereader;
import io.laminardb.internal.connector.SourcePump;
import io.laminardb.internal.source.PushSource;
import io.laminardb.internal.source.TableHandle;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.ObjectKind;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sources and tables of a database are fed through: handles that rows are pushed to, and
 * pumps that drive connectors. From any thread.
 */
public final class Sources {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

  private final Database database;
  private final Map<String, PushSource> handles = new ConcurrentHashMap<>();
  private final Map<String, TableHandle> tables = new ConcurrentHashMap<>();
  private final Map<String, SourcePump> pumps = new ConcurrentHashMap<>();
  private final SourceReads reads = new SourceReads();
  private final Map<String, Rereader> rereaders = new ConcurrentHashMap<>();

  Sources(Database database) {
    this.database = database;
  }

  /**
   * The first partition of a source: the same every time.
   *
   * @throws LaminarException where it is no source, or fed by a connector
   */
  public PushSource handle(String name) {
    database.requireNoReplay();
    CatalogObject object = database.require(name);
    if (object.kind() != ObjectKind.SOURCE) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, object.describe() + " is no source to push rows to.")
          .mend(
              object.isTable()
                  ? "Write to it with table(\"" + object.name() + "\")."
                  : "Push to a source; CREATE SOURCE makes one.");
    }
    requireNoPump(object, "Create a second source to push rows to, and UNION ALL both.");
    return handles.computeIfAbsent(key(name), key -> pushSource(object));
  }

  /**
   * The first handle of a table: the same every time.
   *
   * @throws LaminarException where it is no table, or fed by a connector
   */
  public TableHandle table(String name) {
    database.requireNoReplay();
    CatalogObject object = database.require(name);
    if (object.store() != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              object.describe() + " has no handle: its rows lie in a file.")
          .mend("INSERT OR REPLACE, UPDATE and DELETE change it; prepare them where speed counts.");
    }
    if (!object.isTable()) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, object.describe() + " is no table to write to.")
          .mend("CREATE TABLE makes one.");
    }
    requireNoPump(object, "Change it where its rows come from.");
    return tables.computeIfAbsent(
        key(name), key -> new TableHandle(pushSource(object), object.primaryKey()));
  }

  private void requireNoPump(CatalogObject object, String mend) {
    if (pumps.containsKey(key(object.name()))) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, object.describe() + " is fed by its connector.")
          .mend(mend);
    }
  }

  private PushSource pushSource(CatalogObject object) {
    String name = object.name();
    return new PushSource(
        name, object.describe(), open(name), () -> open(name), database.allocator());
  }

  /** A handle for a connector to feed a source through. */
  public SourceHandle open(String source) {
    return database.engine().openHandle(source);
  }

  /** Lets a connector feed a source; starts it where the engine runs. */
  public void add(String source, SourcePump pump) {
    pumps.put(key(source), pump);
    reads.add(database.require(source), pump, !database.engine().isDurable());
    if (database.engine().isStarted()) {
      start(pump);
    }
  }

  /** Lets rows of a source be read again, as long as what there was is had back. */
  public void add(String source, Rereader rereader) {
    rereaders.put(key(source), rereader);
  }

  /**
   * As {@link io.laminardb.core.runtime.Rereading#read}.
   *
   * @param acceptLoss whether null is answered where rows are lost, and a warning given
   */
  Batch reread(String source, byte[] place, long behind, int count, boolean acceptLoss) {
    try {
      Rereader rereader = rereaders.get(key(source));
      if (rereader == null) {
        throw new LaminarException(
            ErrorCode.STATE_CORRUPT,
            "source \"" + source + "\" has no connector to read it again.");
      }
      return rereader.read(place, behind, count);
    } catch (LaminarException lost) {
      if (!acceptLoss) {
        throw lost;
      }
      LOG.warn("{} rows are lost: {}", count, lost.getMessage());
      return null;
    }
  }

  /** What there was has been had back. */
  void endRereading() {
    rereaders.values().forEach(Rereader::close);
    rereaders.clear();
  }

  /** What feeds a source, or null. */
  public SourcePump pump(String source) {
    return pumps.get(key(source));
  }

  /** Who reads what of the sources that connectors feed. */
  public SourceReads reads() {
    return reads;
  }

  /**
   * Opens a subscription to an object as it is, all columns and rows.
   *
   * @param open opens it; what it is given is to be run once it is closed
   */
  public <T> T following(String name, Function<Runnable, T> open) {
    String follower = reads.follow(name);
    if (follower == null) {
      return open.apply(() -> {});
    }
    try {
      reads.demands(follower).forEach(database.engine()::demand);
      T opened = open.apply(() -> reads.end(follower));
      reads.attached(follower);
      return opened;
    } catch (RuntimeException | Error e) {
      reads.end(follower);
      throw e;
    }
  }

  /** Lets go of a source that is gone from the catalog. */
  public void remove(String name) {
    reads.remove(name);
    SourcePump pump = pumps.remove(key(name));
    if (pump != null) {
      pump.close();
    }
    Rereader rereader = rereaders.remove(key(name));
    if (rereader != null) {
      rereader.close();
    }
    handles.remove(key(name));
    tables.remove(key(name));
    database.engine().dropSource(name);
  }

  /** Runs all connectors. */
  void start() {
    pumps.values().forEach(this::start);
  }

  private void start(SourcePump pump) {
    if (database.options().inline()) {
      pump.drive();
    } else {
      pump.startThread();
    }
  }

  /** Lets all connectors read what there is, on the calling thread. */
  void drive() {
    pumps.values().forEach(SourcePump::drive);
  }

  /**
   * Waits until all connectors that end by themselves, and that somebody reads, have ended.
   *
   * @return false where the thread was interrupted before
   * @throws LaminarException NOT_STARTED, or why one has failed
   */
  boolean await() {
    for (SourcePump pump : pumps.values()) {
      while (pump.isBounded() && pump.isRunning()) {
        if (!database.engine().isStarted()) {
          throw new LaminarException(ErrorCode.NOT_STARTED, "sources do not run yet.")
              .mend("Call start() first.");
        }
        if (database.options().inline()) {
          drive(); // one may wait for another
        } else {
          LockSupport.parkNanos(Database.AWAIT_NS);
        }
        if (Thread.currentThread().isInterrupted()) {
          return false;
        }
      }
      if (pump.failure() != null) {
        throw pump.failure();
      }
    }
    return true;
  }

  void close() {
    endRereading();
    pumps.values().forEach(SourcePump::close);
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
