package io.laminardb.internal.statement;

import io.laminardb.DurableSubscription;
import io.laminardb.PreparedStatement;
import io.laminardb.Rows;
import io.laminardb.StatementResult;
import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Subscriptions.Kept;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.internal.durable.Rewind;
import io.laminardb.internal.receive.NumberedRows;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.validate.Intervals;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Executes statements, one after the other. Any thread; definitions take turns. */
public final class StatementExecutor {
  private static final Set<String> ZONE_NAMES =
      Set.of("time_zone", "timezone", "table.local-time-zone");

  private final Database database;
  private final Map<String, String> variables;
  private final SourceStatements sources;
  private final QueryDefinitions definitions;
  private final SinkStatements sinks;
  private final DropStatements drops;
  private final QueryStatements queries;
  private final RowStatements changes;
  private final IndexStatements indexes;
  private final SubscriptionStatements subscriptions;
  private final InfoStatements infos;
  private final ExplainStatements explains;
  private final KeptStatements kept;

  /**
   * @param variables what {@code ${NAME}} stands for; SET changes it
   * @param pasts makes a database in memory, with the settings of this one and a clock, in which there is
   *     nothing yet
   */
  public StatementExecutor(
      Database database,
      Map<String, String> variables,
      Function<Rewind.MomentClock, StatementExecutor> pasts) {
    this.database = database;
    this.variables = variables;
    QueryAttacher attacher = new QueryAttacher(database);
    Names names = new Names(database);
    WrittenConnectors connectors = new WrittenConnectors(database);
    this.drops = new DropStatements(database, attacher);
    this.sources = new SourceStatements(database, connectors, names, drops);
    this.kept = new KeptStatements(database, attacher.parts(), variables, this::define);
    RetainedHistory history = new RetainedHistory(database, pasts, kept::kept);
    this.definitions = new QueryDefinitions(database, attacher, names, drops, history);
    this.sinks = new SinkStatements(database, attacher, definitions, connectors, names, drops);
    SnapshotQueries snapshots = new SnapshotQueries(database);
    this.queries = new QueryStatements(database, attacher, snapshots);
    this.changes = new RowStatements(database, snapshots);
    this.indexes = new IndexStatements(database);
    this.subscriptions = new SubscriptionStatements(database);
    this.infos = new InfoStatements(database);
    this.explains = new ExplainStatements(database, attacher.parts(), definitions, sinks);
  }

  /** What a durable database has executed again. */
  public Persistence.Statements kept() {
    return kept;
  }

  /** As {@link #kept}, with more. */
  KeptStatements statements() {
    return kept;
  }

  Database database() {
    return database;
  }

  /**
   * Attaches the query of a statement that replaces one, or explains that, which nobody but the caller knows.
   *
   * @param name of the query
   * @param operators that it must have
   */
  void attachAlone(String sql, String name, List<String> operators) {
    synchronized (database) {
      Statement statement = single(sql, "a query").statement();
      if (statement instanceof Statement.Explain explain) {
        statement = explain.statement();
      }
      definitions.attachAlone((Statement.CreateQuery) statement, name, operators);
    }
  }

  /** Takes back {@link #attachAlone}. */
  void detach(String name) {
    synchronized (database) {
      definitions.detach(name);
    }
  }

  /**
   * Executes all statements of a text; the text is read whole first, so that a syntax error executes
   * none of them. Statements before a failing one stay executed.
   */
  public List<StatementResult> execute(String sql, Object... parameters) {
    List<StatementResult> results = new ArrayList<>();
    for (ParsedStatement statement : database.planning().parse(sql)) {
      results.add(execute(statement, Plans.NEW, parameters));
    }
    return results;
  }

  /** Executes the one statement of a text. */
  public StatementResult executeOne(String sql, Object... parameters) {
    return execute(single(sql, "execute() with values"), Plans.NEW, parameters);
  }

  /** The rows of the one statement of a text, which must be one that answers rows. */
  public Rows query(String sql, Object... parameters) {
    return rowsOf(execute(single(sql, "query()"), Plans.NEW, parameters));
  }

  /** The one statement of a text, checked for its syntax. */
  public PreparedStatement prepare(String sql) {
    ParsedStatement parsed = single(sql, "a prepared statement");
    // Planning works on the tree itself: each has its own. Variables may change.
    Supplier<ParsedStatement> again = () -> single(sql, "a prepared statement");
    boolean kept = !sql.contains("${") && isPlanned(parsed.statement());
    Plans plans =
        kept ? Plans.keeping(() -> again.get().statement(), database::settings) : Plans.NEW;
    int parameterCount = parsed.parameterCount();
    return new PreparedStatement() {
      @Override
      public StatementResult execute(Object... parameters) {
        return StatementExecutor.this.execute(kept ? parsed : again.get(), plans, parameters);
      }

      @Override
      public Rows query(Object... parameters) {
        return rowsOf(execute(parameters));
      }

      @Override
      public int parameterCount() {
        return parameterCount;
      }
    };
  }

  /** Whether it is executed by a plan that a later execution can use. */
  private static boolean isPlanned(Statement statement) {
    return statement instanceof Statement.Select
        || statement instanceof Statement.Insert
        || statement instanceof Statement.Update
        || statement instanceof Statement.Delete;
  }

  private ParsedStatement single(String sql, String what) {
    List<ParsedStatement> statements = database.planning().parse(sql);
    if (statements.size() != 1) {
      throw new LaminarException(
              ErrorCode.SYNTAX_ERROR, what + " takes one statement, not " + statements.size() + ".")
          .mend("Use execute() for several.");
    }
    return statements.get(0);
  }

  private static Rows rowsOf(StatementResult result) {
    if (!result.hasRows()) {
      throw new LaminarException(ErrorCode.SYNTAX_ERROR, "this statement answers no rows.")
          .mend("Use execute() for it.");
    }
    return result.rows();
  }

  /** Follows a stream by the name of a durable subscription, which is made where there is none. */
  public DurableSubscription subscribe(String stream, String name) {
    database.requireNoReplay();
    synchronized (database) {
      String followed = database.followed(stream);
      Kept kept = database.subscriptions().find(name);
      if (kept == null) {
        execute("CREATE SUBSCRIPTION " + quoted(name) + " ON " + quoted(followed));
        kept = database.subscriptions().find(name);
      } else if (!kept.stream().equalsIgnoreCase(followed)) {
        throw SubscriptionStatements.exists(kept);
      }
      return new NumberedRows(kept.name(), database.engine().openSubscription(kept.name()));
    }
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private StatementResult execute(ParsedStatement parsed, Plans plans, Object... parameters) {
    try {
      if (parsed.parameterCount() != parameters.length) {
        throw new LaminarException(
                ErrorCode.PARAMETER_MISMATCH,
                "the statement has "
                    + parsed.parameterCount()
                    + " parameters, and got "
                    + parameters.length
                    + " values.")
            .mend("Give one value for each question mark.")
            .at(parsed.position());
      }
      return database.whileOpen(() -> answer(parsed, plans, parameters));
    } catch (LaminarException e) {
      boolean ofStatement =
          e.code() == ErrorCode.NOT_SUPPORTED || e.code() == ErrorCode.EXPRESSION_FAILED;
      throw (ofStatement && e.position() == null ? e.at(parsed.position()) : e).in(parsed.sql());
    } catch (StackOverflowError e) {
      throw new LaminarException(ErrorCode.QUERY_TOO_COMPLEX, "the statement nests too deeply.")
          .mend("Split it into several streams.")
          .at(parsed.position());
    }
  }

  private StatementResult answer(ParsedStatement parsed, Plans plans, Object... parameters) {
    String text = parsed.text();
    if (parsed.statement() instanceof Statement.Select select) {
      return new StatementResult(text, null, queries.select(select, plans, parameters));
    }
    if (parsed.statement() instanceof Statement.Subscribe subscribe) {
      return new StatementResult(text, null, queries.subscribe(subscribe, parameters));
    }
    if (isPlanned(parsed.statement())) {
      database.requireNoReplay();
    }
    if (parsed.statement() instanceof Statement.Insert insert) {
      return result(text, changes.insert(insert, plans, parameters), "inserted");
    }
    if (parsed.statement() instanceof Statement.Update update) {
      return result(text, changes.update(update, plans, parameters), "updated");
    }
    if (parsed.statement() instanceof Statement.Delete delete) {
      return result(text, changes.delete(delete, plans, parameters), "deleted");
    }
    synchronized (database) {
      Rows rows = rows(parsed, parameters);
      return rows != null
          ? new StatementResult(text, null, rows)
          : new StatementResult(text, change(parsed), null);
    }
  }

  private String change(ParsedStatement parsed) {
    Statement statement = parsed.statement();
    if (statement instanceof Statement.SetOption set) {
      return set(set);
    }
    database.requireNoReplay();
    if (statement instanceof Statement.Checkpoint) {
      CheckpointInfo taken = database.checkpoint();
      return "checkpoint " + taken.id() + " taken";
    }
    if (statement instanceof Statement.Backup backup) {
      return backup(backup);
    }
    return kept.execute(parsed, statement);
  }

  private String backup(Statement.Backup backup) {
    try {
      BackupInfo made = database.backup(Path.of(backup.directory()));
      return "backup up to record " + made.position() + " written to " + backup.directory();
    } catch (InvalidPathException e) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "\"" + backup.directory() + "\" is no path: " + e.getReason())
          .mend("Write BACKUP TO '/path/of/a/new/directory'.")
          .at(backup.position());
    } catch (LaminarException e) {
      throw e.position() == null ? e.at(backup.position()) : e;
    }
  }

  private static StatementResult result(String text, RowStatements.Outcome outcome, String what) {
    if (outcome.returned() != null) {
      return new StatementResult(text, null, outcome.returned());
    }
    String rows = outcome.count() == 1 ? " row " : " rows ";
    return new StatementResult(text, outcome.count() + rows + what, null);
  }

  private Rows rows(ParsedStatement parsed, Object... parameters) {
    Statement statement = parsed.statement();
    if (statement instanceof Statement.Show show) {
      return infos.show(show);
    }
    if (statement instanceof Statement.ShowCreate show) {
      return infos.showCreate(show);
    }
    if (statement instanceof Statement.Describe describe) {
      return describe.query() == null
          ? infos.describe(describe.name())
          : infos.describe(explains.planned(describe.query(), parameters));
    }
    if (statement instanceof Statement.Explain explain) {
      return explains.explain(explain, parsed, parameters);
    }
    return null;
  }

  /** Does what can be done before anything changes, and answers what makes the change. */
  private Definition define(ParsedStatement parsed, Statement statement) {
    if (statement instanceof Statement.CreateSource create) {
      return () -> sources.createSource(create, parsed);
    }
    if (statement instanceof Statement.CreateIndex create) {
      return () -> indexes.create(create, parsed);
    }
    if (statement instanceof Statement.DropIndex drop) {
      return () -> indexes.drop(drop);
    }
    if (statement instanceof Statement.CreateSubscription create) {
      return () -> subscriptions.create(create, parsed);
    }
    if (statement instanceof Statement.DropSubscription drop) {
      return () -> subscriptions.drop(drop);
    }
    if (statement instanceof Statement.CreateTable create) {
      return () -> sources.createTable(create, parsed);
    }
    if (statement instanceof Statement.CreateQuery create) {
      return definitions.createQuery(create, parsed);
    }
    if (statement instanceof Statement.CreateSink create) {
      return sinks.createSink(create, parsed);
    }
    if (statement instanceof Statement.Drop drop) {
      return () -> drops.drop(drop);
    }
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED, nameOf(statement) + " is not supported yet.")
        .mend("Sources, streams, views, tables and sinks are what there is.")
        .at(parsed.position());
  }

  private static String nameOf(Statement statement) {
    return statement
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toUpperCase(Locale.ROOT);
  }

  private String set(Statement.SetOption set) {
    String name = set.name();
    String variable = set.variable();
    if (variable != null) {
      kept.variable(variable, set.value() == null ? null : set.value().text());
      if (set.value() == null) {
        variables.remove(variable);
        return "variable " + variable + " removed";
      }
      variables.put(variable, set.value().text());
      return "variable " + variable + " set";
    }
    if (name.equalsIgnoreCase("measure_time")) {
      boolean on = set.value() != null && isTrue(set);
      database.engine().measureTime(on);
      return "measure_time is " + on;
    }
    if (name.equalsIgnoreCase("state_ttl")) {
      long ttlNs = set.value() == null ? 0 : nanos(set);
      database.stateTtl(ttlNs);
      return "state_ttl is " + (ttlNs == 0 ? "not set" : Intervals.text(ttlNs));
    }
    if (name.equalsIgnoreCase("state.spill")) {
      String mode = set.value() == null ? null : set.value().text();
      try {
        return "state.spill is " + database.spill().set(mode, database.engine());
      } catch (LaminarException e) {
        throw e.at(mode == null ? set.namePosition() : set.value().position());
      }
    }
    if (ZONE_NAMES.contains(name.toLowerCase(Locale.ROOT))) {
      String zone = set.value() == null ? null : zone(set);
      database.zone(zone);
      return "time zone is " + (zone == null ? "UTC" : zone);
    }
    throw new LaminarException(ErrorCode.INVALID_OPTION, "there is no setting \"" + name + "\".")
        .mend(
            "There are measure_time, state.spill, state_ttl, time_zone, and var.NAME for ${NAME}.")
        .at(set.namePosition());
  }

  /** The name of the zone, null for UTC. */
  private static String zone(Statement.SetOption set) {
    String name = set.value().text();
    try {
      ZoneId zone = ZoneId.of(name);
      return zone.normalized().equals(ZoneOffset.UTC) ? null : zone.getId();
    } catch (DateTimeException e) {
      throw new LaminarException(ErrorCode.INVALID_OPTION, "\"" + name + "\" is no time zone.")
          .mend("Write SET TIME ZONE 'Europe/Berlin', or an offset such as '+02:00'.")
          .at(set.value().position());
    }
  }

  private static long nanos(Statement.SetOption set) {
    if (set.value().value() instanceof Duration duration && !duration.isNegative()) {
      try {
        return duration.toNanos();
      } catch (ArithmeticException tooLong) {
        // Refused below.
      }
    }
    throw new LaminarException(
            ErrorCode.INVALID_OPTION,
            set.name()
                + " is "
                + set.value().text()
                + ", must be an INTERVAL of less than 292 years.")
        .mend("Write SET " + set.name() + " = INTERVAL '1' HOUR.")
        .at(set.value().position());
  }

  private static boolean isTrue(Statement.SetOption set) {
    return switch (set.value().text().toLowerCase(Locale.ROOT)) {
      case "true", "on" -> true;
      case "false", "off" -> false;
      default ->
          throw new LaminarException(
                  ErrorCode.INVALID_OPTION,
                  set.name() + " is " + set.value().text() + ", must be true or false.")
              .mend("Write SET " + set.name() + " = true.")
              .at(set.value().position());
    };
  }
}
