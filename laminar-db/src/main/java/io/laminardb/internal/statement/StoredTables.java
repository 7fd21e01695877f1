package io.laminardb.internal.statement;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.connector.TableValues;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.changelog.TableChange;
import io.laminardb.core.runtime.Lookup;
import io.laminardb.sql.catalog.CatalogObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;

/** Rows of tables with a store of their own, read and changed by statements, on their threads. */
final class StoredTables {
  private StoredTables() {}

  /**
   * The rows of a table; the caller closes the batches.
   *
   * @param lookup which ones are wanted; all where it is null or asks by other columns than the key
   */
  static List<Batch> content(CatalogObject table, Lookup lookup, BufferAllocator allocator) {
    List<Batch> batches = new ArrayList<>();
    try {
      Consumer<Object[]> collect = row -> append(row, table.schema(), batches, allocator);
      if (lookup != null && lookup.columns().equals(table.primaryKey())) {
        Batch keys = lookup.keys();
        for (int row = keys.from(); row < keys.to(); row++) {
          Object[] found =
              hasKey(keys, row, table) ? table.store().get(key(keys, row, table)) : null;
          if (found != null) {
            collect.accept(found);
          }
        }
      } else {
        table.store().forEach(collect);
      }
      return batches;
    } catch (RuntimeException | Error e) {
      batches.forEach(Batch::close);
      throw e;
    }
  }

  private static void append(
      Object[] row, Schema schema, List<Batch> batches, BufferAllocator allocator) {
    Batch last = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    if (last == null || last.isFull()) {
      last = new Batch(schema, Batch.DEFAULT_CAPACITY, allocator);
      batches.add(last);
    }
    TableValues.append(row, last);
  }

  /**
   * Changes a table, whole or not at all; the rows that came.
   *
   * @throws LaminarException DUPLICATE_KEY
   */
  static long change(CatalogObject table, TableChange change) {
    TableStore store = table.store();
    Map<List<Object>, Object[]> going = new LinkedHashMap<>();
    Map<List<Object>, Object[]> coming = new LinkedHashMap<>();
    forEach(
        change.removed(),
        (batch, row) -> {
          Object[] key = key(batch, row, table);
          going.put(Arrays.asList(key), key);
        });
    long[] added = new long[1];
    forEach(
        change.added(),
        (batch, row) -> {
          Object[] values = values(batch, row, table.schema());
          Object[] key = key(batch, row, table);
          List<Object> name = Arrays.asList(key);
          boolean taken =
              coming.containsKey(name) || !going.containsKey(name) && store.get(key) != null;
          switch (change.onConflict()) {
            case FAIL -> {
              if (taken) {
                throw duplicate(table, key);
              }
            }
            case SKIP -> {
              if (taken) {
                return;
              }
            }
            case REPLACE -> {}
          }
          added[0] += coming.put(name, values) == null ? 1 : 0;
        });
    going.keySet().removeAll(coming.keySet());
    store.change(List.copyOf(going.values()), List.copyOf(coming.values()));
    return added[0];
  }

  /** Takes a row of a batch. */
  private interface RowConsumer {
    void accept(Batch batch, int row);
  }

  private static void forEach(Collection<Batch> batches, RowConsumer rows) {
    for (Batch batch : batches) {
      for (int row = batch.from(); row < batch.to(); row++) {
        rows.accept(batch, row);
      }
    }
  }

  private static boolean hasKey(Batch batch, int row, CatalogObject table) {
    return table.primaryKey().stream().noneMatch(column -> batch.column(column).isNull(row));
  }

  private static Object[] key(Batch batch, int row, CatalogObject table) {
    return table.primaryKey().stream()
        .map(column -> TableValues.get(batch.column(column), row))
        .toArray();
  }

  private static Object[] values(Batch batch, int row, Schema schema) {
    Object[] values = new Object[schema.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = TableValues.get(batch.column(i), row);
    }
    return values;
  }

  private static LaminarException duplicate(CatalogObject table, Object[] key) {
    String columns =
        table.primaryKey().stream()
            .map(column -> table.schema().field(column).name())
            .collect(Collectors.joining(", "));
    return new LaminarException(
            ErrorCode.DUPLICATE_KEY,
            "a row with the key ("
                + columns
                + ") = "
                + Arrays.stream(key)
                    .map(String::valueOf)
                    .collect(Collectors.joining(", ", "(", ")"))
                + " is there already.")
        .mend("UPDATE it, or INSERT OR REPLACE; no row was changed.");
  }
}
