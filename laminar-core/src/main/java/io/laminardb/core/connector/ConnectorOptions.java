package io.laminardb.core.connector;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code (key = value, ..)} list of a connector, with the places it was written at. Keys keep
 * their order and match without regard to case.
 *
 * <p>A factory asks for every option it knows, then calls {@link #rejectUnknown()}: what was written
 * and never asked for is an error. Used by one thread while a statement is checked.
 */
public final class ConnectorOptions {
  /**
   * One option as written.
   *
   * @param key as written
   * @param value the text of the value; a number, TRUE or an interval is given by its text too
   * @param keyPosition where the key stands, or null
   * @param valuePosition where the value stands, or null
   */
  public record Option(
      String key, String value, SourcePosition keyPosition, SourcePosition valuePosition) {}

  private static final Pattern AMOUNT_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([a-z]+)");

  private final String connector;
  private final Map<String, Option> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<String> order = new ArrayList<>();
  private final Collection<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @param connector its name, for messages
   * @throws LaminarException INVALID_OPTION if a key stands twice
   */
  public ConnectorOptions(String connector, List<Option> written) {
    this.connector = connector;
    for (Option option : written) {
      if (options.putIfAbsent(option.key(), option) != null) {
        throw at(
                option.keyPosition(),
                "option \"" + option.key() + "\" of " + connector + " is given twice.")
            .mend("Remove one of them.");
      }
      order.add(option.key());
    }
  }

  /** Options without positions, for programs and tests. */
  public static ConnectorOptions of(String connector, Map<String, String> values) {
    List<Option> written = new ArrayList<>();
    values.forEach((key, value) -> written.add(new Option(key, value, null, null)));
    return new ConnectorOptions(connector, written);
  }

  /** The keys as written, in their order. */
  public List<String> keys() {
    return List.copyOf(order);
  }

  public boolean has(String key) {
    return find(key) != null;
  }

  /** The text of an option that must be there and not be empty. */
  public String requireString(String key) {
    Option option = find(key);
    if (option == null) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, connector + " needs the option \"" + key + "\".")
          .mend("Add " + key + " = '..'.");
    }
    if (option.value().isEmpty()) {
      throw invalid(key, "must not be empty").mend("Add " + key + " = '..'.");
    }
    return option.value();
  }

  public String getString(String key, String otherwise) {
    Option option = find(key);
    return option == null ? otherwise : option.value();
  }

  public boolean getBoolean(String key, boolean otherwise) {
    Option option = find(key);
    if (option == null) {
      return otherwise;
    }
    return switch (option.value().strip().toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes" -> true;
      case "false", "off", "no" -> false;
      default -> throw isNot(option, "true or false").mend("Use 'true' or 'false'.");
    };
  }

  /** A whole number in {@code [min, max]}. */
  public long getLong(String key, long otherwise, long min, long max) {
    Option option = find(key);
    if (option == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(option.value().strip());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, together with the range.
    }
    throw isNot(option, "a whole number from " + min + " to " + max);
  }

  /** A duration as {@code '500 ms'}, {@code '5s'}, {@code '1 minute'} or ISO 8601's {@code PT5S}. */
  public Duration getDuration(String key, Duration otherwise) {
    Option option = find(key);
    if (option == null) {
      return otherwise;
    }
    String text = option.value().strip();
    Matcher matcher = AMOUNT_AND_UNIT.matcher(text.toLowerCase(Locale.ROOT));
    try {
      if (!matcher.matches()) {
        return Duration.parse(text);
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms", "milli", "millis", "millisecond", "milliseconds" -> Duration.ofMillis(amount);
        case "s", "sec", "second", "seconds" -> Duration.ofSeconds(amount);
        case "m", "min", "minute", "minutes" -> Duration.ofMinutes(amount);
        case "h", "hour", "hours" -> Duration.ofHours(amount);
        case "d", "day", "days" -> Duration.ofDays(amount);
        default -> throw isNot(option, "a duration").mend("Write it as '500 ms' or '5 s'.");
      };
    } catch (DateTimeParseException | ArithmeticException e) {
      throw isNot(option, "a duration").mend("Write it as '500 ms' or '5 s'.");
    }
  }

  /** One of an enum's constants, matched without regard to case; {@code _} may stand as {@code -}. */
  public <E extends Enum<E>> E getEnum(String key, Class<E> type, E otherwise) {
    Option option = find(key);
    if (option == null) {
      return otherwise;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(option.value().strip().toLowerCase(Locale.ROOT).replace('-', '_'))) {
        return constant;
      }
      names.add(name);
    }
    throw isNot(option, "one of " + String.join(", ", names))
        .mend(didYouMean(option.value(), names, "Use '" + names.get(0) + "'."));
  }

  /** A single character of ASCII; {@code \t} is a tab. */
  public char getChar(String key, char otherwise) {
    Option option = find(key);
    if (option == null) {
      return otherwise;
    }
    String text = option.value().equals("\\t") ? "\t" : option.value();
    if (text.length() != 1 || text.charAt(0) >= 128 || text.charAt(0) == 0) {
      throw isNot(option, "a single ASCII character").mend("Use a character such as ';' or '\\t'.");
    }
    return text.charAt(0);
  }

  /** An INVALID_OPTION error at the value of {@code key}: {@code <key> is '<value>', <reason>.} */
  public LaminarException invalid(String key, String reason) {
    Option option = options.get(key);
    if (option == null) {
      return new LaminarException(ErrorCode.INVALID_OPTION, key + " " + reason + ".");
    }
    return at(option.valuePosition(), key + " is '" + option.value() + "', " + reason + ".");
  }

  /**
   * Refuses options that nobody asked for.
   *
   * @throws LaminarException INVALID_OPTION at the first of them, with the name that was likely meant
   */
  public void rejectUnknown() {
    for (String key : order) {
      if (!known.contains(key)) {
        throw at(options.get(key).keyPosition(), connector + " has no option \"" + key + "\".")
            .mend(didYouMean(key, known, "The options are " + String.join(", ", known) + "."));
      }
    }
  }

  private Option find(String key) {
    known.add(key);
    return options.get(key);
  }

  /** {@code Did you mean "x"?}, or {@code otherwise} when no known name is close. */
  public static String didYouMean(String written, Iterable<String> known, String otherwise) {
    String sentence = Suggestions.didYouMean(written, known);
    return sentence == null ? otherwise : sentence;
  }

  private LaminarException isNot(Option option, String expected) {
    return invalid(option.key(), "must be " + expected);
  }

  private static LaminarException at(SourcePosition position, String problem) {
    LaminarException error = new LaminarException(ErrorCode.INVALID_OPTION, problem);
    return position == null ? error : error.at(position);
  }
}
