package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import java.util.ArrayList;
import java.util.List;

/** Who reads an object, and keeps it from going. */
final class Readers {
  private final Database database;

  Readers(Database database) {
    this.database = database;
  }

  /** Objects and durable subscriptions that read a stream, as in messages. */
  List<String> of(String stream) {
    List<String> readers = new ArrayList<>();
    database
        .catalog()
        .snapshot()
        .dependents(stream)
        .forEach(reader -> readers.add(reader.describe()));
    database
        .subscriptions()
        .of(stream)
        .forEach(reader -> readers.add("subscription \"" + reader.name() + "\""));
    return readers;
  }

  /** The streams that go with an object, its own first. */
  List<String> withSideStreams(CatalogObject object) {
    List<String> names = new ArrayList<>(List.of(object.name()));
    RunningQuery query = database.query(object.name());
    if (query != null) {
      names.addAll(query.sideStreams());
    }
    return names;
  }

  /** Refuses where somebody reads an object, or what goes with it. Errors: OBJECT_IN_USE. */
  void checkNone(CatalogObject object, SourcePosition position, String mend) {
    List<String> readers = new ArrayList<>();
    withSideStreams(object).forEach(name -> readers.addAll(of(name)));
    check(object, readers, "", position, mend);
  }

  /**
   * Refuses where there are readers. Errors: OBJECT_IN_USE.
   *
   * @param why they stand in the way, behind their names; may be empty
   */
  static void check(
      CatalogObject object,
      List<String> readers,
      String why,
      SourcePosition position,
      String mend) {
    if (!readers.isEmpty()) {
      throw new LaminarException(
              ErrorCode.OBJECT_IN_USE,
              object.describe() + " is read by " + String.join(", ", readers) + why + ".")
          .mend(mend)
          .at(position);
    }
  }

  /**
   * Rows of a live SELECT are open: their reader has to close them, nobody else can. Errors:
   * OBJECT_IN_USE.
   */
  void checkNotLive(CatalogObject object, SourcePosition position) {
    for (String name : withSideStreams(object)) {
      if (database.hasLiveReader(name)) {
        throw new LaminarException(
                ErrorCode.OBJECT_IN_USE, object.describe() + " is read by a live SELECT.")
            .mend("Close its rows first.")
            .at(position);
      }
    }
  }
}
