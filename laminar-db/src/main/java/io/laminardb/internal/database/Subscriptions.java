package io.laminardb.internal.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The durable subscriptions of a database by name. Any thread may read; definitions take turns. */
public final class Subscriptions {
  /**
   * A subscription.
   *
   * @param stream the stream, view, table or source it follows
   * @param onDrop is run when it is gone
   * @param sql the statement that made it
   */
  public record Kept(String name, String stream, Runnable onDrop, String sql) {}

  private final Map<String, Kept> byName = new ConcurrentSkipListMap<>();

  /** The subscription of this name, whatever its case, or null. */
  public Kept find(String name) {
    return byName.get(key(name));
  }

  public void add(Kept subscription) {
    byName.put(key(subscription.name()), subscription);
  }

  public void remove(String name) {
    byName.remove(key(name));
  }

  /** All that follow a stream. */
  public List<Kept> of(String stream) {
    return byName.values().stream().filter(s -> s.stream().equalsIgnoreCase(stream)).toList();
  }

  /** All, by name. */
  public List<Kept> all() {
    return new ArrayList<>(byName.values());
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
