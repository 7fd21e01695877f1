package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.internal.connector.SinkPump;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.Statement;
import java.util.Locale;

/** DROP, and what CREATE OR REPLACE takes away. */
final class DropStatements {
  private final Database database;
  private final QueryAttacher attacher;
  private final Readers readers;

  DropStatements(Database database, QueryAttacher attacher) {
    this.database = database;
    this.attacher = attacher;
    this.readers = new Readers(database);
  }

  String drop(Statement.Drop drop) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    CatalogObject object = catalog.find(drop.name().name());
    String kind = drop.kind().sql().toLowerCase(Locale.ROOT);
    if (object == null && drop.ifExists()) {
      return "there is no " + kind + " " + drop.name();
    }
    if (object == null) {
      object = catalog.require(drop.name().name(), drop.name().position());
    }
    boolean fits =
        object.kind() == drop.kind() || object.isView() && drop.kind() == ObjectKind.VIEW;
    if (!fits) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, object.describe() + " is no " + drop.kind().sql() + ".")
          .mend("Use DROP " + object.kind().sql() + " " + object.name() + ".")
          .at(drop.name().position());
    }
    checkNoSideStream(object, drop.name().position());
    checkNoLiveReader(object, drop.cascade(), drop.name().position());
    if (drop.cascade()) {
      dropReaders(object);
    } else {
      readers.checkNone(object, drop.name().position(), "Drop them first, or add CASCADE.");
    }
    remove(object);
    return kind + " " + object.name() + " dropped";
  }

  private void checkNoSideStream(CatalogObject object, SourcePosition position) {
    for (CatalogObject other : database.catalog().snapshot().all()) {
      RunningQuery query = database.query(other.name());
      if (query != null && query.sideStreams().stream().anyMatch(object.name()::equalsIgnoreCase)) {
        throw new LaminarException(
                ErrorCode.OBJECT_IN_USE,
                object.describe() + " belongs to " + other.describe() + ".")
            .mend("Drop that.")
            .at(position);
      }
    }
  }

  /** Rows of a live SELECT are open, and its reader has to close them, also of what goes along. */
  private void checkNoLiveReader(CatalogObject object, boolean cascade, SourcePosition position) {
    readers.checkNotLive(object, position);
    if (cascade) {
      for (String name : readers.withSideStreams(object)) {
        for (CatalogObject reader : database.catalog().snapshot().dependents(name)) {
          checkNoLiveReader(reader, true, position);
        }
      }
    }
  }

  private void dropReaders(CatalogObject object) {
    for (String name : readers.withSideStreams(object)) {
      database.subscriptions().of(name).forEach(s -> SubscriptionStatements.remove(database, s));
      for (CatalogObject reader : database.catalog().snapshot().dependents(name)) {
        if (database.catalog().snapshot().find(reader.name()) != null) {
          dropReaders(reader);
          remove(reader);
        }
      }
    }
  }

  /** OR REPLACE: takes the old object away, which must be of the same kind and read by nobody. */
  void replace(Identifier name, boolean orReplace, ObjectKind kind) {
    CatalogObject existing = database.catalog().snapshot().find(name.name());
    if (orReplace && existing != null) {
      if (existing.kind() != kind) {
        throw new LaminarException(
                ErrorCode.OBJECT_EXISTS, existing.describe() + " is no " + kind.sql() + ".")
            .mend("Drop it first.")
            .at(name.position());
      }
      readers.checkNone(existing, name.position(), "Drop them first.");
      remove(existing);
    }
  }

  void remove(CatalogObject object) {
    LaminarException unfinished = null;
    switch (object.kind()) {
      case SOURCE, TABLE, LOOKUP_TABLE -> {
        if (object.store() != null) {
          object.store().close();
        } else if (!object.isExternal()) {
          database.sources().remove(object.name());
        }
      }
      case SINK -> {
        commitLast(database.sinkPump(object.name()));
        attacher.detach(object.name());
        unfinished = finish(database.removeSinkPump(object.name()));
      }
      case VIEW -> {
        // has nothing that runs
      }
      case STREAM, MATERIALIZED_VIEW -> {
        RunningQuery query = database.query(object.name());
        attacher.detach(object.name());
        query.sideStreams().forEach(side -> database.catalog().remove(side, null));
      }
    }
    database.catalog().remove(object.name(), null);
    database.indexes().removeOf(object.name());
    if (unfinished != null) {
      throw unfinished(object.describe(), unfinished);
    }
  }

  /**
   * A sink shows all it was given before it goes. Where it went in an earlier life, it had shown it then.
   */
  void commitLast(SinkPump pump) {
    boolean commits = pump != null && pump.isTransactional() && pump.failure() == null;
    if (commits && !database.isRecovering() && !database.isClosed()) {
      pump.endWithCheckpoint(true);
      try {
        database.persistence().checkpointWithin();
      } catch (RuntimeException e) {
        pump.endWithCheckpoint(false);
        throw e;
      }
    }
  }

  /** Ends a sink; what went wrong with its last rows, or null. */
  static LaminarException finish(SinkPump pump) {
    if (pump == null) {
      return null;
    }
    boolean failedBefore = pump.failure() != null;
    pump.drop();
    return failedBefore ? null : pump.failure();
  }

  /** A sink is gone, and what it had still to write may not be where it should. */
  static LaminarException unfinished(String sink, LaminarException failure) {
    return new LaminarException(
            ErrorCode.CONNECTOR_FAILED,
            sink + " was dropped, but could not be finished: " + failure.problem(),
            failure)
        .mend("Check what it has written.");
  }
}
