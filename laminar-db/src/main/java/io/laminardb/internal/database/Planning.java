package io.laminardb.internal.database;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.core.operator.scalar.UserTableFunction;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.UserFunctions;
import io.laminardb.sql.lower.Lowering;
import io.laminardb.sql.lower.QueryCompiler;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.SqlParser;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.SqlPlanner;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * From SQL text to operator graphs. Loading Calcite takes most of a second, so it happens on
 * background threads from the moment a database is opened, and the first query waits for the rest of
 * it.
 */
public final class Planning {
  private static final CompletableFuture<SqlPlanner> PLANNER = new CompletableFuture<>();
  private static boolean loading; // guarded by PLANNER

  private final SqlParser parser;
  private final List<UserFunction> functions;
  private final List<UserTableFunction> tableFunctions;
  private final List<UserAggregate> aggregates;
  private SqlPlanner own; // one that knows the functions; guarded by this

  /**
   * The planning of one database.
   *
   * @param variables gives what a variable was set to, or null; then the environment is asked
   * @param functions its user has registered
   * @param tableFunctions likewise
   * @param aggregates likewise
   */
  public Planning(
      Function<String, String> variables,
      List<UserFunction> functions,
      List<UserTableFunction> tableFunctions,
      List<UserAggregate> aggregates) {
    this.parser = new SqlParser(variables, System::getenv);
    this.functions = List.copyOf(functions);
    this.tableFunctions = List.copyOf(tableFunctions);
    this.aggregates = List.copyOf(aggregates);
  }

  /** The names of the functions that are the user's, in capitals. */
  public List<String> userFunctions() {
    return Stream.of(
            functions.stream().map(UserFunction::name),
            tableFunctions.stream().map(UserTableFunction::name),
            aggregates.stream().map(UserAggregate::name))
        .flatMap(names -> names)
        .map(name -> name.toUpperCase(Locale.ROOT))
        .toList();
  }

  /** Starts loading, once a process. Returns at once. */
  public static void warmUp() {
    synchronized (PLANNER) {
      if (loading) {
        return;
      }
      loading = true;
    }
    startThread("laminar-warm-up-plan", Planning::loadPlanner);
    startThread("laminar-warm-up-code", Planning::loadCompiler);
  }

  private static void startThread(String name, Runnable action) {
    Thread thread = new Thread(action, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** A planner is given out when it is warm: planning cold twice at the same time takes longer. */
  private static void loadPlanner() {
    try {
      SqlPlanner planner = new SqlPlanner(Functions.table());
      planner.warmUp();
      PLANNER.complete(planner);
    } catch (RuntimeException | Error e) {
      PLANNER.completeExceptionally(e);
    }
  }

  private static void loadCompiler() {
    new SqlParser(name -> null).parse("CREATE SOURCE warm_up (k VARCHAR, ts BIGINT)");
    QueryCompiler.warmUp();
  }

  /** The statements of a text. */
  public List<ParsedStatement> parse(String sql) {
    return parser.parse(sql);
  }

  /** All rows and columns of an object, as a query. */
  public QuerySpec everythingOf(String name) {
    String sql = "SELECT * FROM \"" + name.replace("\"", "\"\"") + "\"";
    return ((Statement.Select) parse(sql).get(0).statement()).query();
  }

  /** The planner, waiting until it is loaded. */
  public SqlPlanner planner() {
    SqlPlanner shared = loaded();
    if (functions.isEmpty() && tableFunctions.isEmpty() && aggregates.isEmpty()) {
      return shared;
    }
    synchronized (this) {
      if (own == null) {
        own =
            new SqlPlanner(
                new UserFunctions(
                    functions, tableFunctions, aggregates, SqlPlanner.aggregateFunctions()));
      }
      return own;
    }
  }

  private static SqlPlanner loaded() {
    warmUp();
    try {
      return PLANNER.join();
    } catch (CompletionException e) {
      throw new LaminarException(
          ErrorCode.INTERNAL_ERROR, "the SQL planner cannot be loaded: " + e.getCause(), e);
    }
  }

  /** The operators of a planned query, compiled. */
  public OperatorGraph lower(String name, PlannedQuery query) {
    return lower(name, query.root(), Map.of());
  }

  /**
   * As above.
   *
   * @param streams nodes whose rows are those of a stream that is there already; by identity
   */
  public OperatorGraph lower(String name, PlanNode root, Map<PlanNode, String> streams) {
    return Lowering.lower(name, root, new QueryCompiler(name), streams);
  }
}
