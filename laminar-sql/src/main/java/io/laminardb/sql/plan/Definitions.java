package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.Suggestions;
import io.laminardb.core.runtime.OverflowPolicy;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import io.laminardb.sql.parser.Column;
import io.laminardb.sql.parser.Connector;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.OptionValue;
import io.laminardb.sql.parser.Options;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.parser.Watermark;
import io.laminardb.sql.validate.Intervals;
import io.laminardb.sql.validate.Positions;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;

/** From CREATE statements to catalog objects. */
public final class Definitions {
  private static final List<String> SOURCE_OPTIONS =
      List.of(
          "watermark",
          "allowed_lateness",
          "watermark_key",
          "watermark_group",
          "max_drift",
          "idle_timeout",
          "changelog",
          "on_full",
          "durability");
  private static final List<String> TABLE_OPTIONS = List.of("durability", "storage");

  private Definitions() {}

  /**
   * The source a statement declares; its name may still be taken.
   *
   * @param sql the text of the statement
   * @throws LaminarException for unknown types, columns and options, with the place
   */
  public static CatalogObject source(Statement.CreateSource create, String sql) {
    checkNotOfQuery(create.with().find("on_error"), create.connector());
    QueryOptions.checkKnown(create.with(), SOURCE_OPTIONS, "a source");
    List<Field> fields = fields(create.columns());
    Schema schema = new Schema(fields, false);
    List<Integer> primaryKey = primaryKey(create.primaryKey(), schema, create.name().name());
    ChangelogMode mode = changelog(create.with(), primaryKey);
    if (mode == ChangelogMode.APPEND_ONLY && !primaryKey.isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a source whose rows are only added has no PRIMARY KEY.")
          .mend("Add WITH (changelog = 'upsert'), and a row replaces the one with its key.")
          .at(create.primaryKey().get(0).position());
    }
    checkOnFull(create, mode);
    checkDurability(create.with());
    if (!primaryKey.isEmpty()) {
      primaryKey.forEach(column -> fields.set(column, notNull(fields.get(column))));
      schema = new Schema(fields, false);
    }
    EventTime eventTime =
        WatermarkOptions.complete(eventTime(create, schema), create, schema, mode);
    return new CatalogObject(
        ObjectKind.SOURCE,
        create.name().name(),
        schema.withChangelog(mode != ChangelogMode.APPEND_ONLY),
        eventTime,
        List.of(),
        primaryKey,
        mode,
        QueryOptions.interval(create.with(), "idle_timeout"),
        options(create.connector(), create.with()),
        sql,
        List.of());
  }

  /** The table a statement declares. */
  public static CatalogObject table(Statement.CreateTable create, String sql) {
    QueryOptions.checkKnown(create.with(), TABLE_OPTIONS, "a table");
    checkDurability(create.with());
    Schema schema = new Schema(fields(create.columns()), true);
    List<Integer> primaryKey = primaryKey(create.primaryKey(), schema, create.name().name());
    return new CatalogObject(
        create.kind(),
        create.name().name(),
        schema,
        null,
        List.of(),
        primaryKey,
        primaryKey.isEmpty() ? ChangelogMode.RETRACT : ChangelogMode.UPSERT,
        0,
        options(create.connector(), create.with()),
        sql,
        List.of());
  }

  /** The lookup table of a statement, whose rows lie outside. */
  public static CatalogObject lookupTable(
      Statement.CreateTable create, LookupConnector connector, String sql) {
    QueryOptions.checkKnown(create.with(), TABLE_OPTIONS, "a table");
    Schema schema = new Schema(fields(create.columns()), false);
    return new CatalogObject(
        create.kind(),
        create.name().name(),
        schema,
        null,
        List.of(),
        primaryKey(create.primaryKey(), schema, create.name().name()),
        ChangelogMode.APPEND_ONLY,
        0,
        options(create.connector(), create.with()),
        sql,
        List.of(),
        connector);
  }

  /**
   * The table of a statement, which keeps its rows in a store of its own.
   *
   * @param store makes it, by the columns of the table and its key
   */
  public static CatalogObject storedTable(
      Statement.CreateTable create,
      BiFunction<Schema, List<Integer>, TableStore> store,
      String sql) {
    List<Field> fields = fields(create.columns());
    Schema declared = new Schema(fields, false);
    List<Integer> key = primaryKey(create.primaryKey(), declared, create.name().name());
    key.forEach(column -> fields.set(column, notNull(fields.get(column))));
    Schema schema = new Schema(fields, false);
    return new CatalogObject(
        create.kind(),
        create.name().name(),
        schema,
        null,
        List.of(),
        key,
        ChangelogMode.APPEND_ONLY,
        0,
        options(create.connector(), create.with()),
        sql,
        List.of(),
        store.apply(schema, key));
  }

  private static Field notNull(Field field) {
    return new Field(field.name(), field.type(), false, field.hidden());
  }

  /** The stream or view a planned query makes. */
  public static CatalogObject query(Statement.CreateQuery create, PlannedQuery query, String sql) {
    return new CatalogObject(
        create.kind(),
        create.name().name(),
        query.schema(),
        null,
        query.timeColumns(),
        query.uniqueKey().orElse(List.of()),
        query.isAppendOnly() ? ChangelogMode.APPEND_ONLY : ChangelogMode.RETRACT,
        0,
        options(null, create.query().with()),
        sql,
        query.upstreams());
  }

  /**
   * The plain view of a statement: a name for a query, which has no rows of its own.
   *
   * @param query as planned once, for its columns
   */
  public static CatalogObject view(Statement.CreateQuery create, PlannedQuery query, String sql) {
    return new CatalogObject(
        ObjectKind.VIEW,
        create.name().name(),
        query.schema().withChangelog(false),
        null,
        List.of(),
        List.of(),
        ChangelogMode.APPEND_ONLY,
        0,
        Map.of(),
        sql,
        query.upstreams(),
        null,
        Views.named(create.query()));
  }

  /**
   * The sink of a statement.
   *
   * @param schema of the rows it takes
   * @param upstreams what it reads
   */
  public static CatalogObject sink(
      Statement.CreateSink create, Schema schema, List<String> upstreams, String sql) {
    return new CatalogObject(
        ObjectKind.SINK,
        create.name().name(),
        schema,
        null,
        List.of(),
        List.of(),
        schema.isChangelog() ? ChangelogMode.RETRACT : ChangelogMode.APPEND_ONLY,
        0,
        options(create.connector(), create.with()),
        sql,
        upstreams);
  }

  private static List<Field> fields(List<Column> columns) {
    List<Field> fields = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (Column column : columns) {
      if (!names.add(column.name().name())) {
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED,
                "two columns are called \"" + column.name().name() + "\".")
            .mend("Rename one of them; names ignore case.")
            .at(column.name().position());
      }
      DataType type;
      try {
        type = Types.ofSpec(column.type());
      } catch (LaminarException e) {
        throw e.at(column.typePosition());
      }
      fields.add(new Field(column.name().name(), type, column.nullable(), false));
    }
    return fields;
  }

  private static List<Integer> primaryKey(List<Identifier> names, Schema schema, String object) {
    List<Integer> key = new ArrayList<>();
    for (Identifier name : names) {
      key.add(column(name, schema, object));
    }
    return key;
  }

  static int column(Identifier name, Schema schema, String object) {
    int column = schema.indexOf(name.name());
    if (column >= 0) {
      return column;
    }
    List<String> known = schema.fields().stream().map(Field::name).toList();
    String suggestion = Suggestions.didYouMean(name.name(), known);
    throw new LaminarException(
            ErrorCode.COLUMN_NOT_FOUND, "\"" + object + "\" has no column \"" + name.name() + "\".")
        .mend(suggestion != null ? suggestion : "Its columns are " + String.join(", ", known) + ".")
        .at(name.position());
  }

  private static ChangelogMode changelog(Options options, List<Integer> primaryKey) {
    OptionValue value = options.get("changelog");
    if (value == null) {
      return ChangelogMode.APPEND_ONLY;
    }
    switch (value.text().toLowerCase(Locale.ROOT)) {
      case "retract" -> {
        return ChangelogMode.RETRACT;
      }
      case "upsert" -> {
        if (primaryKey.isEmpty()) {
          throw QueryOptions.invalid("changelog", value, "which needs a PRIMARY KEY")
              .mend("Declare one: PRIMARY KEY (id).");
        }
        return ChangelogMode.UPSERT;
      }
      default ->
          throw QueryOptions.invalid("changelog", value, "must be 'retract' or 'upsert'")
              .mend("Leave it out for rows that are only added.");
    }
  }

  private static void checkNotOfQuery(Options.Option onError, Connector connector) {
    if (onError != null) {
      throw new LaminarException(ErrorCode.INVALID_OPTION, "a source has no option \"on_error\".")
          .mend(
              connector == null
                  ? "Give it to the queries that read the source."
                  : "Write it among the options of "
                      + connector.name()
                      + ", or give it to queries.")
          .at(onError.namePosition());
    }
  }

  /** What handles of a source do when they are full. */
  public static OverflowPolicy onFull(CatalogObject source) {
    return "drop-oldest".equalsIgnoreCase(source.option("on_full"))
        ? OverflowPolicy.DROP_OLDEST
        : OverflowPolicy.BLOCK;
  }

  /** When rows of a source or table are on disk; null where it does not say. */
  public static DurabilityMode durability(CatalogObject source) {
    String mode = source.option("durability");
    return mode == null ? null : DurabilityMode.valueOf(mode.toUpperCase(Locale.ROOT));
  }

  private static void checkDurability(Options with) {
    OptionValue value = with.get("durability");
    if (value != null
        && Arrays.stream(DurabilityMode.values())
            .noneMatch(mode -> mode.name().equalsIgnoreCase(value.text()))) {
      throw QueryOptions.invalid("durability", value, "must be 'none', 'async' or 'sync'")
          .mend("Leave it out for the mode of the database.");
    }
  }

  private static void checkOnFull(Statement.CreateSource create, ChangelogMode mode) {
    OptionValue value = create.with().get("on_full");
    if (value == null || value.text().equalsIgnoreCase("block")) {
      return;
    }
    if (!value.text().equalsIgnoreCase("drop-oldest")) {
      throw QueryOptions.invalid("on_full", value, "must be 'block' or 'drop-oldest'")
          .mend("Leave it out for 'block'.");
    }
    if (mode != ChangelogMode.APPEND_ONLY) {
      throw QueryOptions.invalid("on_full", value, "but a changelog with gaps is a wrong one")
          .mend("Leave it out, or declare a source whose rows are only added.");
    }
    if (create.connector() != null) {
      throw QueryOptions.invalid("on_full", value, "but a connector can wait")
          .mend("Leave it out: it is for rows that your program pushes.");
    }
  }

  private static EventTime eventTime(Statement.CreateSource create, Schema schema) {
    Options options = create.with();
    OptionValue option = options.get("watermark");
    long lateness = QueryOptions.interval(options, "allowed_lateness");
    Watermark clause = create.watermark();
    if (clause != null && option != null) {
      throw new LaminarException(ErrorCode.INVALID_OPTION, "the watermark is declared twice.")
          .mend("Keep the WATERMARK clause or the option.")
          .at(options.find("watermark").namePosition());
    }
    if (clause == null && option == null) {
      if (lateness > 0) {
        throw new LaminarException(
                ErrorCode.INVALID_OPTION, "allowed_lateness on a source without a watermark.")
            .mend("Add watermark = 'ts', with the name of its time column.")
            .at(options.find("allowed_lateness").namePosition());
      }
      return null;
    }
    if (option != null
        && option.value() instanceof String == false
        && option.value() instanceof Identifier == false) {
      throw QueryOptions.invalid("watermark", option, "must be the name of a column")
          .mend("Write watermark = 'ts'.");
    }
    Identifier name =
        clause != null ? clause.column() : new Identifier(option.text(), false, option.position());
    int column = column(name, schema, create.name().name());
    if (!Types.canBeTime(schema.field(column).type())) {
      throw new LaminarException(
              ErrorCode.INVALID_TIME_ATTRIBUTE,
              "column \""
                  + name.name()
                  + "\" is "
                  + schema.field(column).type()
                  + ", event time must be a TIMESTAMP or a BIGINT of epoch milliseconds.")
          .mend("Change its type.")
          .at(name.position());
    }
    long delay = clause == null ? 0 : delay(clause);
    if (delay > 0 && lateness > 0) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "allowed_lateness and the WATERMARK clause both delay the watermark.")
          .mend("Keep one of them.")
          .at(options.find("allowed_lateness").namePosition());
    }
    return new EventTime(column, delay + lateness, true);
  }

  /** The interval of {@code WATERMARK FOR ts AS ts - INTERVAL '5' SECOND}. */
  private static long delay(Watermark clause) {
    SqlNode expression = clause.expression();
    if (expression == null || isColumn(expression, clause)) {
      return 0;
    }
    if (expression.getKind() == SqlKind.MINUS
        && isColumn(((SqlCall) expression).operand(0), clause)) {
      return Intervals.nanos(
          ((SqlCall) expression).operand(1), ErrorCode.INVALID_TIME_ATTRIBUTE, "the delay");
    }
    throw Positions.error(
            ErrorCode.NOT_SUPPORTED,
            expression,
            "a watermark is its column, or the column minus an interval.")
        .mend(
            "Write WATERMARK FOR "
                + clause.column().name()
                + " AS "
                + clause.column().name()
                + " - INTERVAL '5' SECOND.");
  }

  private static boolean isColumn(SqlNode node, Watermark clause) {
    return node instanceof SqlIdentifier identifier
        && identifier.isSimple()
        && identifier.getSimple().equalsIgnoreCase(clause.column().name());
  }

  private static Map<String, String> options(Connector connector, Options with) {
    Map<String, String> texts = new LinkedHashMap<>();
    Optional.ofNullable(connector)
        .ifPresent(c -> c.options().all().forEach(o -> texts.put(o.name(), o.value().text())));
    with.all().forEach(option -> texts.put(option.name(), option.value().text()));
    return texts;
  }
}
