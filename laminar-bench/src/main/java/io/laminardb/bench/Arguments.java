package io.laminardb.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Command line arguments: {@code --name value} pairs, and words. */
final class Arguments {
  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>();

  /**
   * @param known the options' names
   */
  Arguments(String[] args, List<String> known) {
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        words.add(args[i]);
        continue;
      }
      String name = args[i].substring(2);
      if (!known.contains(name) || i + 1 == args.length) {
        throw new IllegalArgumentException(
            "option --" + name + " is unknown or has no value; known are " + known);
      }
      options.put(name, args[++i]);
    }
  }

  int number(String name, int otherwise) {
    return options.containsKey(name)
        ? Integer.parseInt(options.get(name).replace("_", ""))
        : otherwise;
  }

  String text(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  /** The values of a list option, all where it is not given. */
  <E extends Enum<E>> List<E> values(String name, Class<E> type) {
    String text = options.get(name);
    return choose(text == null ? List.of() : List.of(text.split(",")), type);
  }

  /** The words as values, all where there is none. */
  <E extends Enum<E>> List<E> words(Class<E> type) {
    return choose(words, type);
  }

  private static <E extends Enum<E>> List<E> choose(List<String> names, Class<E> type) {
    return names.isEmpty()
        ? List.of(type.getEnumConstants())
        : names.stream()
            .map(name -> Enum.valueOf(type, name.strip().toUpperCase(Locale.ROOT)))
            .toList();
  }
}
