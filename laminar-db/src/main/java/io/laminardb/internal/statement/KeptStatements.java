package io.laminardb.internal.statement;

import io.laminardb.core.batch.Field;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.durable.CheckpointedSink;
import io.laminardb.internal.durable.KeptKind;
import io.laminardb.internal.durable.KeptStatement;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Statements of a durable database that make or drop something: kept when they are executed, and
 * executed again when the database is opened.
 */
final class KeptStatements implements Persistence.Statements {
  private final Database database;
  private final SharedParts parts;
  private final Map<String, String> variables;
  private final BiFunction<ParsedStatement, Statement, Definition> define;
  // Variables by SET, null by RESET; guarded by the database's monitor.
  private final Map<String, String> set = new HashMap<>();

  /**
   * @param define answers what executes a statement in the place of the one that was parsed, once it is
   *     planned
   */
  KeptStatements(
      Database database,
      SharedParts parts,
      Map<String, String> variables,
      BiFunction<ParsedStatement, Statement, Definition> define) {
    this.database = database;
    this.parts = parts;
    this.variables = variables;
    this.define = define;
  }

  /** A variable was set, or removed by null. */
  void variable(String name, String value) {
    set.put(name, value);
  }

  /** What two looks at tell whether something was made or dropped between them. */
  private record Sight(Object catalog, List<?> indexes, List<?> subscriptions) {}

  private Sight sight() {
    return new Sight(
        database.catalog().snapshot(), database.indexes().all(), database.subscriptions().all());
  }

  String execute(ParsedStatement parsed, Statement statement) {
    if (database.persistence() == null) { // in a replay, or in memory
      try (Definition change = define.apply(parsed, statement)) {
        return change.make();
      }
    }
    boolean mayDropSink =
        statement instanceof Statement.Drop
            || statement instanceof Statement.CreateSink sink && sink.orReplace();
    boolean readsHistory = statement instanceof Statement.CreateQuery query && query.orReplace();
    boolean exclusive = mayDropSink || readsHistory || isBeside(statement);
    return exclusive && !database.isRecovering()
        ? database.persistence().exclusively(() -> executeKept(parsed, statement))
        : executeKept(parsed, statement);
  }

  /** The end of a subscription is noticed by no query, and may be what an event waits for. */
  private static boolean isBeside(Statement statement) {
    return statement instanceof Statement.DropSubscription;
  }

  private String executeKept(ParsedStatement parsed, Statement statement) {
    Sight before = sight();
    Identifier made = made(statement);
    try (Definition change = define.apply(parsed, statement)) { // events go on meanwhile
      return database
          .persistence()
          .execute(
              isBeside(statement),
              change::make,
              made == null ? null : made.name(),
              kind(statement),
              result -> !sight().equals(before),
              () -> kept(parsed));
    }
  }

  private static KeptKind kind(Statement statement) {
    return statement instanceof Statement.CreateIndex
        ? KeptKind.INDEX
        : statement instanceof Statement.CreateSubscription
            ? KeptKind.SUBSCRIPTION
            : KeptKind.OBJECT;
  }

  private static Identifier made(Statement statement) {
    if (statement instanceof Statement.CreateSource create) {
      return create.name();
    }
    if (statement instanceof Statement.CreateTable create) {
      return create.name();
    }
    if (statement instanceof Statement.CreateQuery create) {
      return create.name();
    }
    if (statement instanceof Statement.CreateSink create) {
      return create.name();
    }
    if (statement instanceof Statement.CreateSubscription create) {
      return create.name();
    }
    return statement instanceof Statement.CreateIndex create ? create.name() : null;
  }

  /** What it takes to execute a statement again with the settings of now. */
  KeptStatement kept(ParsedStatement parsed) {
    String columns = null;
    if (parsed.statement() instanceof Statement.CreateSource create && create.columns().isEmpty()) {
      columns = columns(database.require(create.name().name()).schema().fields());
    }
    return new KeptStatement(
        parsed.text(),
        columns,
        database.zone(),
        database.stateTtl(),
        parsed.text().contains("${") ? set : Map.of(),
        database.plannedIndexes());
  }

  /** Columns as they are declared. */
  static String columns(List<Field> fields) {
    return fields.stream()
        .map(
            field ->
                "\""
                    + field.name().replace("\"", "\"\"")
                    + "\" "
                    + field.type()
                    + (field.nullable() ? "" : " NOT NULL"))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void executeAgain(KeptStatement statement) {
    under(
        statement,
        () -> {
          ParsedStatement parsed = database.planning().parse(statement.text()).get(0);
          Statement complete =
              statement.columns() == null
                  ? parsed.statement()
                  : withColumns(
                      (Statement.CreateSource) parsed.statement(),
                      statement.columns(),
                      database.planning()::parse);
          again(parsed, complete);
        });
  }

  /** Does something with the settings that a statement was executed under. */
  void under(KeptStatement statement, Runnable action) {
    String zone = database.zone();
    long stateTtlNs = database.stateTtl();
    Map<String, String> variablesBefore = Map.copyOf(variables);
    Map<String, String> setBefore = new HashMap<>(set);
    set.putAll(statement.variables());
    statement
        .variables()
        .forEach(
            (name, value) -> {
              if (value == null) {
                variables.remove(name);
              } else {
                variables.put(name, value);
              }
            });
    database.zone(statement.zone());
    database.stateTtl(statement.stateTtlNs());
    database.planWithIndexes(statement.indexes());
    try {
      action.run();
    } finally {
      database.zone(zone);
      database.stateTtl(stateTtlNs);
      database.planWithIndexes(null);
      become(variables, variablesBefore);
      become(set, setBefore);
    }
  }

  private static void become(Map<String, String> map, Map<String, String> content) {
    map.keySet().retainAll(content.keySet());
    map.putAll(content);
  }

  private void again(ParsedStatement parsed, Statement statement) {
    try {
      synchronized (database) {
        execute(parsed, statement);
      }
    } catch (LaminarException e) {
      throw new LaminarException(
              e.code(),
              "a statement that is kept cannot be executed again: "
                  + e.problem()
                  + " The statement: "
                  + parsed.text(),
              e)
          .mend(e.mend());
    }
  }

  /** The statement with columns that are given as SQL. */
  static Statement.CreateSource withColumns(
      Statement.CreateSource create,
      String columns,
      Function<String, List<ParsedStatement>> parser) {
    Statement.CreateSource declared =
        (Statement.CreateSource)
            parser.apply("CREATE SOURCE inferred (" + columns + ")").get(0).statement();
    return new Statement.CreateSource(
        create.name(),
        create.orReplace(),
        create.ifNotExists(),
        declared.columns(),
        create.primaryKey(),
        create.watermark(),
        create.connector(),
        create.with());
  }

  @Override
  public boolean isThere(String name, KeptKind kind) {
    return switch (kind) {
      case OBJECT -> database.catalog().snapshot().find(name) != null;
      case INDEX -> database.indexes().find(name) != null;
      case SUBSCRIPTION -> database.subscriptions().find(name) != null;
    };
  }

  @Override
  public boolean reads(String name, KeptKind kind, String object) {
    String read =
        switch (kind) {
          case OBJECT -> name;
          case INDEX -> database.indexes().find(name).object();
          case SUBSCRIPTION -> database.subscriptions().find(name).stream();
        };
    boolean isOfIt = kind != KeptKind.OBJECT && read.equalsIgnoreCase(object);
    return isOfIt
        || database.catalog().snapshot().cascade(object).stream()
            .anyMatch(reader -> reader.name().equalsIgnoreCase(read));
  }

  @Override
  public Collection<? extends CheckpointedSink> sinks() {
    return database.sinkPumps();
  }

  @Override
  public byte[] shared() {
    return parts.plans().toBytes();
  }

  @Override
  public void shareAgain(byte[] shared) {
    parts.shareAgain(shared == null ? null : SharedPlans.of(shared));
  }
}
