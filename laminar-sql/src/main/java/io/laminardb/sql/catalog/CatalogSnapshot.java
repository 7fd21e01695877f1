package io.laminardb.sql.catalog;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The objects of a database at one moment, in the order they were made. Immutable. */
public final class CatalogSnapshot {
  /** A database without objects. */
  public static final CatalogSnapshot EMPTY = new CatalogSnapshot(Map.of());

  /** Behind the name of a view: the present rows of its open windows. */
  public static final String OPEN_WINDOWS = "$open";

  /** The column that tells rows of open windows from those of closed ones. */
  public static final String IS_OPEN = "is_open";

  private final Map<String, CatalogObject> objects;
  private final Set<String> windowed; // views that tell rows of open windows from others

  CatalogSnapshot(Map<String, CatalogObject> objects) {
    this(objects, Set.of());
  }

  private CatalogSnapshot(Map<String, CatalogObject> objects, Set<String> windowed) {
    this.objects = Collections.unmodifiableMap(new LinkedHashMap<>(objects));
    this.windowed = Set.copyOf(windowed);
  }

  /** The same, where views of windows have a last column that says whether a row's window is open. */
  public CatalogSnapshot withOpenWindows() {
    Map<String, CatalogObject> changed = new LinkedHashMap<>(objects);
    Set<String> views = new HashSet<>();
    for (Map.Entry<String, CatalogObject> entry : changed.entrySet()) {
      if (entry.getValue().hasWindows()) {
        views.add(entry.getKey());
        entry.setValue(entry.getValue().withOpenWindows());
      }
    }
    return new CatalogSnapshot(changed, views);
  }

  /** The same for a query that ends: tables with a store of their own are read whole. */
  public CatalogSnapshot readWhole() {
    if (objects.values().stream().allMatch(object -> object.store() == null)) {
      return this;
    }
    Map<String, CatalogObject> changed = new LinkedHashMap<>(objects);
    changed.replaceAll((name, object) -> object.store() == null ? object : object.readWhole());
    return new CatalogSnapshot(changed, windowed);
  }

  /** Whether {@link #withOpenWindows} made it, and the object is a view of windows. */
  public boolean tellsOpenWindows(String name) {
    return windowed.contains(key(name));
  }

  /** Everything, upstreams before those who read them. */
  public Collection<CatalogObject> all() {
    return objects.values();
  }

  /** The object of this name, whatever its case, or null. */
  public CatalogObject find(String name) {
    return objects.get(key(name));
  }

  /**
   * The object of this name.
   *
   * @param position where the name was written, or null
   * @throws LaminarException OBJECT_NOT_FOUND with the closest known name
   */
  public CatalogObject require(String name, SourcePosition position) {
    CatalogObject found = find(name);
    if (found != null) {
      return found;
    }
    LaminarException error =
        new LaminarException(ErrorCode.OBJECT_NOT_FOUND, "there is no object \"" + name + "\".")
            .mend(mendFor(name));
    throw position == null ? error : error.at(position);
  }

  /** Objects that read {@code name} directly. */
  public List<CatalogObject> dependents(String name) {
    List<CatalogObject> dependents = new ArrayList<>();
    for (CatalogObject object : objects.values()) {
      if (object.upstreams().stream().anyMatch(name::equalsIgnoreCase)) {
        dependents.add(object);
      }
    }
    return dependents;
  }

  /** Everything DROP CASCADE of {@code name} takes along, those who read others first. */
  public List<CatalogObject> cascade(String name) {
    Map<String, CatalogObject> reached = new LinkedHashMap<>();
    collect(name, reached);
    List<CatalogObject> ordered = new ArrayList<>(reached.values());
    Collections.reverse(ordered);
    return ordered;
  }

  private void collect(String name, Map<String, CatalogObject> reached) {
    for (CatalogObject dependent : dependents(name)) {
      String key = key(dependent.name());
      reached.remove(key);
      reached.put(key, dependent);
      collect(dependent.name(), reached);
    }
  }

  CatalogSnapshot with(CatalogObject object) {
    Map<String, CatalogObject> changed = new LinkedHashMap<>(objects);
    changed.put(key(object.name()), object);
    return new CatalogSnapshot(changed);
  }

  /** The same with another object of the name: behind what it reads, and those who read it behind it. */
  CatalogSnapshot replaced(CatalogObject object) {
    Map<String, CatalogObject> changed = new LinkedHashMap<>(objects);
    changed.remove(key(object.name()));
    changed.put(key(object.name()), object);
    Set<CatalogObject> readers = new HashSet<>(cascade(object.name()));
    for (Map.Entry<String, CatalogObject> entry : objects.entrySet()) {
      if (readers.contains(entry.getValue())) {
        changed.remove(entry.getKey());
        changed.put(entry.getKey(), entry.getValue());
      }
    }
    return new CatalogSnapshot(changed);
  }

  CatalogSnapshot without(String name) {
    Map<String, CatalogObject> changed = new LinkedHashMap<>(objects);
    changed.remove(key(name));
    return new CatalogSnapshot(changed);
  }

  private String mendFor(String name) {
    List<String> names = objects.values().stream().map(CatalogObject::name).toList();
    String suggestion = Suggestions.didYouMean(name, names);
    if (suggestion != null) {
      return suggestion;
    }
    return names.isEmpty()
        ? "Create it first, for example with CREATE SOURCE."
        : "Known are " + String.join(", ", names) + ".";
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
