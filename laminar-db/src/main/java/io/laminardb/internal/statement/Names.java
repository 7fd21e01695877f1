package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.internal.database.Database;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.Identifier;

/** Which names are taken. */
final class Names {
  private final Database database;

  Names(Database database) {
    this.database = database;
  }

  /** Whether the name is taken and that is fine; an error where it is not. */
  boolean isThere(Identifier name, boolean ifNotExists, boolean orReplace) {
    CatalogObject existing = database.catalog().snapshot().find(name.name());
    if (existing == null || orReplace) {
      return false;
    }
    if (!ifNotExists) {
      checkNew(name.name(), name.position());
    }
    return true;
  }

  /** Errors: OBJECT_EXISTS. */
  void checkNew(String name, SourcePosition position) {
    CatalogObject existing = database.catalog().snapshot().find(name);
    if (existing != null) {
      throw new LaminarException(ErrorCode.OBJECT_EXISTS, existing.describe() + " exists already.")
          .mend("Choose another name, or use CREATE OR REPLACE or IF NOT EXISTS.")
          .at(position);
    }
  }
}
