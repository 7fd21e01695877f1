package io.laminardb.sql.catalog;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The objects of a database at one moment, in the order they were made. Immutable. */
public final class CatalogSnapshot {
  /** A database without objects. */
  public static final CatalogSnapshot EMPTY = new CatalogSnapshot(Map.of());

  private final Map<String, CatalogObject> objects;

  CatalogSnapshot(Map<String, CatalogObject> objects) {
    this.objects = Collections.unmodifiableMap(new LinkedHashMap<>(objects));
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
