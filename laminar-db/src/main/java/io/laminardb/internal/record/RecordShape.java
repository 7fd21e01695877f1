package io.laminardb.internal.record;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.Suggestions;
import io.laminardb.internal.Names;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A record class: its components, how to reach them, and which columns they stand for. */
final class RecordShape {
  private final Class<?> type;
  private final String owner;
  private final Schema schema;
  private final RecordComponent[] components;

  /**
   * @param owner whose columns they are, for errors, such as {@code source "trades"}
   */
  RecordShape(Class<?> type, String owner, Schema schema) {
    if (!type.isRecord()) {
      throw new LaminarException(ErrorCode.SCHEMA_MISMATCH, type.getName() + " is not a record.")
          .mend("Declare it as one, with a component for each column: " + columns(schema) + ".");
    }
    this.type = type;
    this.owner = owner;
    this.schema = schema;
    this.components = type.getRecordComponents();
  }

  RecordComponent[] components() {
    return components;
  }

  /** The column of each component; every component must have one. */
  int[] columnsOfComponents() {
    int[] columns = new int[components.length];
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      columns[i] = columnOf(components[i].getName());
      if (columns[i] < 0) {
        missing.add(components[i].getName());
      }
    }
    if (!missing.isEmpty()) {
      throw unmatched("component", missing, Names.of(schema));
    }
    for (int i = 0; i < columns.length; i++) {
      for (int j = 0; j < i; j++) {
        if (columns[i] == columns[j]) {
          throw mismatch(
                  "components \""
                      + components[j].getName()
                      + "\" and \""
                      + components[i].getName()
                      + "\" both stand for column \""
                      + schema.field(columns[i]).name()
                      + "\".")
              .mend("Keep one of them.");
        }
      }
    }
    return columns;
  }

  /** Fails when a NOT NULL column has no component; others will be NULL. */
  void checkNotNullColumnsCovered(int[] columns) {
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      int column = i;
      if (!schema.field(i).nullable() && Arrays.stream(columns).noneMatch(c -> c == column)) {
        missing.add(schema.field(i).name());
      }
    }
    if (!missing.isEmpty()) {
      throw unmatched(
          "NOT NULL column",
          missing,
          Arrays.stream(components).map(RecordComponent::getName).toList());
    }
  }

  MethodHandle accessor(int component) {
    Method accessor = components[component].getAccessor();
    try {
      accessor.setAccessible(true);
      return MethodHandles.lookup().unreflect(accessor);
    } catch (InaccessibleObjectException | IllegalAccessException e) {
      throw inaccessible(e);
    }
  }

  MethodHandle constructor() {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return MethodHandles.lookup().unreflectConstructor(constructor);
    } catch (InaccessibleObjectException | ReflectiveOperationException e) {
      throw inaccessible(e);
    }
  }

  /** The component's type does not go with the column's. */
  LaminarException typeMismatch(int component, int column, String fitting) {
    Field field = schema.field(column);
    return mismatch(
            "component \""
                + components[component].getName()
                + "\" is "
                + components[component].getType().getSimpleName()
                + ", but column \""
                + field.name()
                + "\" is "
                + field.type()
                + ".")
        .mend("Declare the component as " + fitting + ".");
  }

  private int columnOf(String component) {
    int exact = schema.indexOf(component);
    if (exact >= 0) {
      return exact;
    }
    int found = -1;
    for (int i = 0; i < schema.size(); i++) {
      if (Names.alike(component, schema.field(i).name())) {
        if (found >= 0) {
          throw mismatch(
                  "component \""
                      + component
                      + "\" may stand for column \""
                      + schema.field(found).name()
                      + "\" or \""
                      + schema.field(i).name()
                      + "\".")
              .mend("Name it exactly as the column.");
        }
        found = i;
      }
    }
    return found;
  }

  private LaminarException unmatched(String what, List<String> names, List<String> candidates) {
    StringBuilder problem = new StringBuilder();
    StringBuilder mend = new StringBuilder();
    for (String name : names) {
      problem.append(problem.length() == 0 ? "" : ", ").append('"').append(name).append('"');
      String nearest = Suggestions.closest(name, candidates).orElse(null);
      if (nearest != null) {
        mend.append(mend.length() == 0 ? "Did you mean \"" : ", \"").append(nearest).append('"');
      }
    }
    String other = what.equals("component") ? "column" : "component";
    return mismatch(
            what
                + (names.size() == 1 ? " " : "s ")
                + problem
                + " of "
                + (what.equals("component") ? "record " + type.getSimpleName() : owner)
                + (names.size() == 1 ? " has no " : " have no ")
                + other
                + ".")
        .mend((mend.length() == 0 ? "" : mend + "? ") + "The columns are " + columns(schema) + ".");
  }

  private LaminarException mismatch(String detail) {
    return new LaminarException(
        ErrorCode.SCHEMA_MISMATCH,
        "record " + type.getSimpleName() + " does not fit " + owner + ": " + detail);
  }

  private LaminarException inaccessible(Exception cause) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            "record " + type.getName() + " cannot be reached from module io.laminardb.",
            cause)
        .mend("Open its package " + type.getPackageName() + " in your module-info.java.");
  }

  private static String columns(Schema schema) {
    return Names.list(schema.fields().stream().map(Field::toString).toList());
  }
}
