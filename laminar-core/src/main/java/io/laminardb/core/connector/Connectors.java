package io.laminardb.core.connector;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The connectors there are, by name: those on the class path, and those registered by hand, which
 * win. Any thread.
 */
public final class Connectors {
  /** Connectors that come with an artifact of ours, for the mend of a missing one. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "FILES", "laminar-connector-files",
          "JDBC", "laminar-connector-jdbc",
          "MMAP", "laminar-connector-mmap");

  private final ClassLoader loader;
  private final Map<String, ConnectorFactory> factories =
      new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private boolean searched;

  /** Finds the connectors on the class path of {@code loader}, when the first one is asked for. */
  public Connectors(ClassLoader loader) {
    this.loader = loader;
  }

  /** Adds a connector, in place of one of the same name. */
  public synchronized void register(ConnectorFactory factory) {
    factories.put(factory.name(), factory);
  }

  /** The names, in alphabetical order. */
  public synchronized Collection<String> names() {
    search();
    return List.copyOf(factories.keySet());
  }

  private void search() {
    if (!searched) {
      searched = true;
      for (ConnectorFactory factory : ServiceLoader.load(ConnectorFactory.class, loader)) {
        factories.putIfAbsent(factory.name(), factory);
      }
    }
  }

  /**
   * The connector of this name.
   *
   * @throws LaminarException CONNECTOR_NOT_FOUND, naming the dependency to add where we know it
   */
  public synchronized ConnectorFactory get(String name) {
    search();
    ConnectorFactory factory = factories.get(name);
    if (factory != null) {
      return factory;
    }
    String artifact = ARTIFACTS.get(name.toUpperCase(Locale.ROOT));
    LaminarException error =
        new LaminarException(
            ErrorCode.CONNECTOR_NOT_FOUND, "there is no connector \"" + name + "\".");
    throw artifact == null
        ? error.mend(
            ConnectorOptions.didYouMean(
                name, names(), "The connectors here are " + String.join(", ", names()) + "."))
        : error.mend("Add the dependency io.laminardb:" + artifact + ".");
  }
}
