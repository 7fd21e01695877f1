package io.laminardb.core.batch;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The columns of a stream, and whether its rows carry weights. Immutable. */
public final class Schema {
  private final List<Field> fields;
  private final boolean changelog;
  private final Map<String, Integer> indexByName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @param fields in column order
   * @param changelog whether each row has a weight (+1 or -1); an append-only stream has none
   */
  public Schema(List<Field> fields, boolean changelog) {
    this.fields = List.copyOf(fields);
    this.changelog = changelog;
    for (int i = 0; i < this.fields.size(); i++) {
      indexByName.putIfAbsent(this.fields.get(i).name().toLowerCase(Locale.ROOT), i);
    }
  }

  public static Schema appendOnly(Field... fields) {
    return new Schema(List.of(fields), false);
  }

  public static Schema changelog(Field... fields) {
    return new Schema(List.of(fields), true);
  }

  public List<Field> fields() {
    return fields;
  }

  public Field field(int index) {
    return fields.get(index);
  }

  public int size() {
    return fields.size();
  }

  public boolean isChangelog() {
    return changelog;
  }

  /** The same columns with or without weights. */
  public Schema withChangelog(boolean newChangelog) {
    return newChangelog == changelog ? this : new Schema(fields, newChangelog);
  }

  /** The same columns as expressions see them: texts of any length. */
  public Schema withoutLengths() {
    return fields.stream().allMatch(field -> field.type().maxLength() == 0)
        ? this
        : new Schema(fields.stream().map(Field::withoutLength).toList(), changelog);
  }

  /** The index of the column of this name, whatever its case, or -1. The first wins. */
  public int indexOf(String name) {
    return indexByName.getOrDefault(name, -1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schema that
        && fields.equals(that.fields)
        && changelog == that.changelog;
  }

  @Override
  public int hashCode() {
    return 31 * fields.hashCode() + Boolean.hashCode(changelog);
  }

  /** What rows are made of, whatever the columns are called; for what says whether layouts are equal. */
  public String types() {
    return fields.stream()
        .map(field -> field.type() + (field.nullable() ? "" : " NOT NULL"))
        .collect(Collectors.joining(", ", "[", changelog ? "] changelog" : "]"));
  }

  @Override
  public String toString() {
    return fields + (changelog ? " changelog" : "");
  }
}
