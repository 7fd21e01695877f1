package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Alignment;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.OptionValue;
import io.laminardb.sql.parser.Options;
import io.laminardb.sql.parser.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a source says of its watermark beside its column: per which key, and in step with whom. */
final class WatermarkOptions {
  private WatermarkOptions() {}

  /** {@code time}, which may be null, with what else the statement says. */
  static EventTime complete(
      EventTime time, Statement.CreateSource create, Schema schema, ChangelogMode mode) {
    Options options = create.with();
    for (String name : List.of("watermark_key", "watermark_group", "max_drift")) {
      if (time == null && options.find(name) != null) {
        throw new LaminarException(
                ErrorCode.INVALID_OPTION, name + " on a source without a watermark.")
            .mend("Add WATERMARK FOR ts, with the name of its time column.")
            .at(options.find(name).namePosition());
      }
    }
    if (time == null) {
      return null;
    }
    List<Integer> key = key(create, schema, mode);
    return new EventTime(
        time.column(), time.delayNs(), time.declared(), key, alignment(options, key));
  }

  private static List<Integer> key(
      Statement.CreateSource create, Schema schema, ChangelogMode mode) {
    OptionValue option = create.with().get("watermark_key");
    List<Identifier> names = new ArrayList<>();
    if (create.watermark() != null) {
      names.addAll(create.watermark().key());
    }
    if (option != null) {
      if (!names.isEmpty()) {
        throw new LaminarException(
                ErrorCode.INVALID_OPTION, "the watermark's key is declared twice.")
            .mend("Keep PER KEY or the option.")
            .at(create.with().find("watermark_key").namePosition());
      }
      for (String name : option.text().split(",")) {
        names.add(new Identifier(name.strip(), false, option.position()));
      }
    }
    List<Integer> key = new ArrayList<>();
    for (Identifier name : names) {
      int column = Definitions.column(name, schema, create.name().name());
      if (key.contains(column)) {
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED,
                "\"" + name.name() + "\" is in the watermark's key twice.")
            .mend("Name it once.")
            .at(name.position());
      }
      key.add(column);
    }
    if (!key.isEmpty() && mode != ChangelogMode.APPEND_ONLY) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a changelog has one watermark, not one a key.")
          .mend("Leave the key out, or declare a source whose rows are only added.")
          .at(names.get(0).position());
    }
    return key;
  }

  private static Alignment alignment(Options options, List<Integer> key) {
    OptionValue group = options.get("watermark_group");
    if ((group == null) != (options.get("max_drift") == null)) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "watermark_group and max_drift belong together.")
          .mend("Write watermark_group = 'name', max_drift = INTERVAL '10' SECOND.")
          .at(options.find(group == null ? "max_drift" : "watermark_group").namePosition());
    }
    if (group == null) {
      return null;
    }
    if (!key.isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a source with a watermark a key keeps pace with no other.")
          .mend("Leave watermark_group or the key out.")
          .at(options.find("watermark_group").namePosition());
    }
    return new Alignment(group.text(), QueryOptions.interval(options, "max_drift"));
  }
}
