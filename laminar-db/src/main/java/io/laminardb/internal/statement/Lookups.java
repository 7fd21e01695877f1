package io.laminardb.internal.statement;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Lookup;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Indexes.Index;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.plan.IndexLookup;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rows a snapshot query wants of what it reads, as far as indexes can tell. Closes its keys. */
final class Lookups implements AutoCloseable {
  private final Map<String, Lookup> byName = new HashMap<>();

  private Lookups() {}

  /** What the primary keys and indexes of a database let a query look up. */
  static List<IndexLookup> planned(PlannedQuery query, Database database) {
    return IndexLookup.of(
        query,
        name -> {
          CatalogObject object = database.require(name);
          List<List<Integer>> indexes = new ArrayList<>();
          if ((object.isTable() || object.store() != null) && !object.primaryKey().isEmpty()) {
            indexes.add(object.primaryKey());
          }
          database.indexes().of(object.name()).stream().map(Index::columns).forEach(indexes::add);
          return indexes;
        });
  }

  static Lookups of(PlannedQuery query, Database database) {
    Lookups lookups = new Lookups();
    try {
      for (IndexLookup lookup : planned(query, database)) {
        CatalogObject object = database.require(lookup.object());
        lookups.add(object, lookup, database);
      }
      return lookups;
    } catch (RuntimeException e) {
      lookups.close();
      throw e;
    }
  }

  /** A value that its column cannot hold is one that no row has: the condition finds out. */
  private void add(CatalogObject object, IndexLookup lookup, Database database) {
    List<Field> fields =
        object.schema().fields().stream()
            .map(field -> new Field(field.name(), field.type(), true, field.hidden()))
            .toList();
    Schema schema = new Schema(fields, false);
    Batch keys = new Batch(schema, Math.max(1, lookup.keys().size()), database.allocator());
    try {
      ColumnRowWriter writer = new ColumnRowWriter(new BatchRowTarget(keys), object.describe());
      for (List<Object> key : lookup.keys()) {
        writer.begin();
        for (int i = 0; i < key.size(); i++) {
          writer.setObject(lookup.columns().get(i), key.get(i));
        }
        writer.endRow();
      }
      byName.put(object.name(), new Lookup(lookup.columns(), keys));
    } catch (LaminarException e) {
      keys.close();
    }
  }

  /** By the names of the objects. */
  Map<String, Lookup> byName() {
    return byName;
  }

  @Override
  public void close() {
    byName.values().forEach(lookup -> lookup.keys().close());
    byName.clear();
  }
}
