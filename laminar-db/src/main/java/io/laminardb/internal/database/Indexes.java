package io.laminardb.internal.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The secondary indexes of a database by name. Any thread may read; definitions take turns. */
public final class Indexes {
  /**
   * An index.
   *
   * @param object the table or view it belongs to
   * @param columns of the object
   * @param sql the statement that made it
   */
  public record Index(String name, String object, List<Integer> columns, String sql) {
    public Index {
      columns = List.copyOf(columns);
    }
  }

  private final Map<String, Index> byName = new ConcurrentSkipListMap<>();

  /** The index of this name, whatever its case, or null. */
  public Index find(String name) {
    return byName.get(key(name));
  }

  public void add(Index index) {
    byName.put(key(index.name()), index);
  }

  public void remove(String name) {
    byName.remove(key(name));
  }

  /** All of an object. */
  public List<Index> of(String object) {
    return byName.values().stream().filter(i -> i.object().equalsIgnoreCase(object)).toList();
  }

  /** All, by name. */
  public List<Index> all() {
    return new ArrayList<>(new TreeMap<>(byName).values());
  }

  /** Forgets those of an object that is gone. */
  public void removeOf(String object) {
    of(object).forEach(index -> remove(index.name()));
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
