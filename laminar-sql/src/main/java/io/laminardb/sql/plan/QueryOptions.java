package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import io.laminardb.sql.parser.OptionValue;
import io.laminardb.sql.parser.Options;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.plan.PlannedQuery.OnError;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The WITH options of a query.
 *
 * @param stateTtlNs how long state is kept that nothing touches; 0 for ever
 */
record QueryOptions(long allowedLatenessNs, OnError onError, long stateTtlNs) {
  static final QueryOptions NONE = new QueryOptions(0, OnError.FAIL, 0);
  private static final List<String> KNOWN = List.of("allowed_lateness", "on_error", "state_ttl");

  /**
   * The options of a query.
   *
   * @param stateTtlNs where it says nothing itself
   */
  static QueryOptions of(QuerySpec query, long stateTtlNs) {
    Options options = query.with();
    checkKnown(options, KNOWN, "a query");
    long ttl = options.find("state_ttl") == null ? stateTtlNs : interval(options, "state_ttl");
    return new QueryOptions(interval(options, "allowed_lateness"), onError(options), ttl);
  }

  /** Fails on the first option that is not in {@code known}. */
  static void checkKnown(Options options, List<String> known, String owner) {
    for (Options.Option option : options.all()) {
      if (!known.contains(option.name().toLowerCase(Locale.ROOT))) {
        String suggestion = Suggestions.didYouMean(option.name(), known);
        throw new LaminarException(
                ErrorCode.INVALID_OPTION, owner + " has no option \"" + option.name() + "\".")
            .mend(
                suggestion != null
                    ? suggestion
                    : "Its options are " + String.join(", ", known) + ".")
            .at(option.namePosition());
      }
    }
  }

  /** An interval in nanoseconds, 0 where the option is not given. */
  static long interval(Options options, String name) {
    OptionValue value = options.get(name);
    if (value == null) {
      return 0;
    }
    if (!(value.value() instanceof Duration duration) || duration.isNegative()) {
      throw invalid(name, value, "must be an INTERVAL that is not negative")
          .mend("Write " + name + " = INTERVAL '5' SECOND.");
    }
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      throw invalid(name, value, "is longer than 292 years").mend("Use a shorter one.");
    }
  }

  static OnError onError(Options options) {
    OptionValue value = options.get("on_error");
    if (value == null) {
      return OnError.FAIL;
    }
    return switch (value.text().toLowerCase(Locale.ROOT)) {
      case "fail" -> OnError.FAIL;
      case "skip" -> OnError.SKIP;
      default ->
          throw invalid("on_error", value, "must be 'fail' or 'skip'")
              .mend("Write on_error = 'skip'.");
    };
  }

  static LaminarException invalid(String name, OptionValue value, String problem) {
    SourcePosition position = value.position();
    LaminarException error =
        new LaminarException(
            ErrorCode.INVALID_OPTION, name + " is " + value.text() + ", " + problem + ".");
    return position == null ? error : error.at(position);
  }
}
