package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Subscriptions.Kept;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.Statement;

/** CREATE SUBSCRIPTION and DROP SUBSCRIPTION. */
final class SubscriptionStatements {
  private final Database database;

  SubscriptionStatements(Database database) {
    this.database = database;
  }

  String create(Statement.CreateSubscription create, ParsedStatement parsed) {
    String name = create.name().name();
    SourcePosition position = create.stream().position();
    CatalogObject object = database.catalog().snapshot().require(create.stream().name(), position);
    Kept existing = database.subscriptions().find(name);
    if (existing != null) {
      if (create.ifNotExists() && existing.stream().equalsIgnoreCase(object.name())) {
        return "subscription " + existing.name() + " exists already";
      }
      throw exists(existing).at(create.name().position());
    }
    try {
      String stream = database.followed(object.name());
      Kept made =
          database
              .sources()
              .following(
                  stream,
                  onDrop -> {
                    database.engine().createSubscription(name, stream);
                    return new Kept(name, stream, onDrop, parsed.text());
                  });
      database.subscriptions().add(made);
      return "subscription " + name + " created";
    } catch (LaminarException e) {
      throw e.position() == null ? e.at(position) : e;
    }
  }

  /** The name is taken, and not for this. */
  static LaminarException exists(Kept existing) {
    return new LaminarException(
            ErrorCode.OBJECT_EXISTS,
            "subscription \""
                + existing.name()
                + "\" exists already, on \""
                + existing.stream()
                + "\".")
        .mend("Choose another name, or drop it first.");
  }

  String drop(Statement.DropSubscription drop) {
    String name = drop.name().name();
    Kept existing = database.subscriptions().find(name);
    if (existing == null) {
      if (drop.ifExists()) {
        return "there is no subscription " + name;
      }
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, "there is no subscription \"" + name + "\".")
          .mend("SHOW SUBSCRIPTIONS lists them.")
          .at(drop.name().position());
    }
    remove(database, existing);
    return "subscription " + existing.name() + " dropped";
  }

  static void remove(Database database, Kept subscription) {
    database.engine().dropSubscription(subscription.name());
    database.subscriptions().remove(subscription.name());
    subscription.onDrop().run();
  }
}
