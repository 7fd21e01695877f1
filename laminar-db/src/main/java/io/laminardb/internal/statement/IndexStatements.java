package io.laminardb.internal.statement;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.Names;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Indexes.Index;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.Statement;
import java.util.ArrayList;
import java.util.List;

/** CREATE INDEX and DROP INDEX. */
final class IndexStatements {
  private final Database database;

  IndexStatements(Database database) {
    this.database = database;
  }

  String create(Statement.CreateIndex create, ParsedStatement parsed) {
    String name = create.name().name();
    if (database.indexes().find(name) != null) {
      if (create.ifNotExists()) {
        return "index " + name + " exists already";
      }
      throw new LaminarException(ErrorCode.OBJECT_EXISTS, "index \"" + name + "\" exists already.")
          .mend("Choose another name, or use IF NOT EXISTS.")
          .at(create.name().position());
    }
    CatalogObject object =
        database.catalog().snapshot().require(create.object().name(), create.object().position());
    if (!object.isMaterialized() || object.isExternal()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, object.describe() + " keeps no rows to be indexed.")
          .mend("An index belongs to a TABLE or a MATERIALIZED VIEW.")
          .at(create.object().position());
    }
    List<Integer> columns = columns(create, object);
    database.engine().createIndex(object.name(), columns);
    database.indexes().add(new Index(name, object.name(), columns, parsed.text()));
    return "index " + name + " created";
  }

  private static List<Integer> columns(Statement.CreateIndex create, CatalogObject object) {
    List<Integer> columns = new ArrayList<>();
    for (Identifier name : create.columns()) {
      int column = object.schema().indexOf(name.name());
      if (column < 0) {
        throw Names.notFound(object.describe(), name.name(), object.schema()).at(name.position());
      }
      if (columns.contains(column)) {
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED, "column \"" + name + "\" is named twice.")
            .mend("Name each column once.")
            .at(name.position());
      }
      DataType type = object.schema().field(column).type();
      switch (type.kind()) {
        case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL, VARCHAR -> columns.add(column);
        default ->
            throw new LaminarException(
                    ErrorCode.NOT_SUPPORTED,
                    "column \"" + name + "\" is " + type + ", which an index does not look up.")
                .mend("Index columns of numbers that are exact, texts or booleans.")
                .at(name.position());
      }
    }
    return columns;
  }

  String drop(Statement.DropIndex drop) {
    String name = drop.name().name();
    Index index = database.indexes().find(name);
    if (index == null) {
      if (drop.ifExists()) {
        return "there is no index " + name;
      }
      throw new LaminarException(ErrorCode.OBJECT_NOT_FOUND, "there is no index \"" + name + "\".")
          .mend("SHOW INDEXES lists them.")
          .at(drop.name().position());
    }
    database.indexes().remove(name);
    boolean others =
        database.indexes().of(index.object()).stream()
            .anyMatch(other -> other.columns().equals(index.columns()));
    if (!others) {
      database.engine().dropIndex(index.object(), index.columns());
    }
    return "index " + index.name() + " dropped";
  }
}
