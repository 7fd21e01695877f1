package io.laminardb.core.batch;

import static java.util.Objects.requireNonNull;

/**
 * A column of a stream.
 *
 * @param name as declared; matched without regard to case
 * @param type its type
 * @param nullable whether NULL may occur
 * @param hidden whether {@code *} leaves it out: the window bounds of a windowed stream
 */
public record Field(String name, DataType type, boolean nullable, boolean hidden) {
  public Field {
    requireNonNull(name, "name");
    requireNonNull(type, "type");
  }

  public static Field of(String name, DataType type) {
    return new Field(name, type, true, false);
  }

  public static Field notNull(String name, DataType type) {
    return new Field(name, type, false, false);
  }

  Field withoutLength() {
    return new Field(name, type.withoutLength(), nullable, hidden);
  }

  @Override
  public String toString() {
    return name + " " + type + (nullable ? "" : " NOT NULL");
  }
}
