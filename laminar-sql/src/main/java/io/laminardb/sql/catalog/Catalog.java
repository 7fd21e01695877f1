package io.laminardb.sql.catalog;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.util.List;
import java.util.stream.Collectors;

/** The objects of a database. Any thread may read and change; readers hold immutable snapshots. */
public final class Catalog {
  private volatile CatalogSnapshot snapshot = CatalogSnapshot.EMPTY;

  /** What the database holds now. */
  public CatalogSnapshot snapshot() {
    return snapshot;
  }

  /**
   * Adds an object, in place of the one of the same name if {@code replace} says so.
   *
   * @param position where its name was written, or null
   * @throws LaminarException OBJECT_EXISTS if the name is taken; OBJECT_IN_USE if the object to
   *     replace is read by others or is of another kind
   */
  public synchronized void add(CatalogObject object, boolean replace, SourcePosition position) {
    CatalogObject existing = snapshot.find(object.name());
    if (existing != null) {
      checkReplace(existing, object, replace, position);
    }
    snapshot = snapshot.with(object);
  }

  /**
   * Puts an object in the place of the one of its name, which others may read: the caller has seen that
   * they can go on.
   */
  public synchronized void replace(CatalogObject object) {
    snapshot = snapshot.replaced(object);
  }

  /**
   * Removes an object.
   *
   * @throws LaminarException OBJECT_NOT_FOUND, or OBJECT_IN_USE if others read it
   */
  public synchronized void remove(String name, SourcePosition position) {
    CatalogObject object = snapshot.require(name, position);
    List<CatalogObject> dependents = snapshot.dependents(name);
    if (!dependents.isEmpty()) {
      throw at(position, inUse(object, dependents).mend("Drop them first, or add CASCADE."));
    }
    snapshot = snapshot.without(name);
  }

  /**
   * Lets the watermark of a source follow {@code column} without delay, because a query windows over
   * it. Does nothing when that column is its event time already.
   *
   * @throws LaminarException INVALID_TIME_ATTRIBUTE if it follows another column
   */
  public synchronized void useEventTime(SourceColumn column) {
    CatalogObject source = snapshot.require(column.source(), null);
    int index = source.schema().indexOf(column.column());
    if (source.eventTime() == null) {
      snapshot = snapshot.with(source.withEventTime(new EventTime(index, 0, false)));
    } else if (source.eventTime().column() != index) {
      throw conflict(source, column.column());
    }
  }

  /** The error of windowing over a column that is not the event time of its source. */
  public static LaminarException conflict(CatalogObject source, String column) {
    EventTime eventTime = source.eventTime();
    String used = source.schema().field(eventTime.column()).name();
    return new LaminarException(
            ErrorCode.INVALID_TIME_ATTRIBUTE,
            "column \""
                + column
                + "\" is not the event time of source \""
                + source.name()
                + "\", column \""
                + used
                + "\" is"
                + (eventTime.declared() ? "." : ", since an earlier query windows over it."))
        .mend("Window over \"" + used + "\", or read the rows through a second source.");
  }

  private void checkReplace(
      CatalogObject existing, CatalogObject object, boolean replace, SourcePosition position) {
    if (!replace) {
      throw at(
          position,
          new LaminarException(ErrorCode.OBJECT_EXISTS, existing.describe() + " exists already.")
              .mend("Choose another name, or use CREATE OR REPLACE or IF NOT EXISTS."));
    }
    if (existing.kind() != object.kind()) {
      throw at(
          position,
          new LaminarException(
                  ErrorCode.OBJECT_EXISTS,
                  "\""
                      + existing.name()
                      + "\" is a "
                      + existing.kind().sql()
                      + ", not a "
                      + object.kind().sql()
                      + ".")
              .mend("Drop it first."));
    }
    List<CatalogObject> dependents = snapshot.dependents(existing.name());
    if (!dependents.isEmpty()) {
      throw at(position, inUse(existing, dependents).mend("Drop them first."));
    }
  }

  private static LaminarException inUse(CatalogObject object, List<CatalogObject> dependents) {
    String readers =
        dependents.stream().map(CatalogObject::describe).collect(Collectors.joining(", "));
    return new LaminarException(
        ErrorCode.OBJECT_IN_USE, object.describe() + " is read by " + readers + ".");
  }

  private static LaminarException at(SourcePosition position, LaminarException error) {
    return position == null ? error : error.at(position);
  }
}
