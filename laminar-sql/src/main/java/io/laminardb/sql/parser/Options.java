package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import java.util.List;

/**
 * The options of one {@code (name = value, ...)} list, in the order written. No name occurs twice.
 *
 * @param all the options; unmodifiable
 */
public record Options(List<Option> all) {
  /** No list, or an empty one. */
  public static final Options NONE = new Options(List.of());

  public Options {
    all = List.copyOf(all);
  }

  /**
   * One {@code name = value}.
   *
   * @param name the name as written, parts joined by dots: {@code schema.registry.url}
   * @param namePosition where the name stands
   * @param value the value and where it stands
   */
  public record Option(String name, SourcePosition namePosition, OptionValue value) {}

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** The option called {@code name}, ignoring case, or null. */
  public Option find(String name) {
    for (Option option : all) {
      if (option.name().equalsIgnoreCase(name)) {
        return option;
      }
    }
    return null;
  }

  /** The value of the option called {@code name}, ignoring case, or null. */
  public OptionValue get(String name) {
    Option option = find(name);
    return option == null ? null : option.value();
  }
}
