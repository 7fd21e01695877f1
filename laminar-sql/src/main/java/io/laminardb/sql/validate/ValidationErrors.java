package io.laminardb.sql.validate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.error.Suggestions;
import io.laminardb.sql.catalog.CatalogObject;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.runtime.CalciteContextException;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;

/** Calcite's failures in our words. */
final class ValidationErrors {
  private static final Pattern COLUMN =
      Pattern.compile("Column '([^']*)' not found in (any table|table '([^']*)')");
  private static final Pattern AMBIGUOUS = Pattern.compile("Column '([^']*)' is ambiguous");
  private static final Pattern TABLE = Pattern.compile("Table '([^']*)' not found");
  private static final Pattern SIGNATURE =
      Pattern.compile("No match found for function signature ([^(]+)\\((.*)\\)", Pattern.DOTALL);
  private static final Pattern NOT_GROUPED =
      Pattern.compile("Expression '(.*)' is not being grouped", Pattern.DOTALL);
  private static final Pattern ARGUMENTS =
      Pattern.compile("Invalid number of arguments to function '([^']*)'.*", Pattern.DOTALL);

  private final List<CatalogObject> scanned;
  private final SqlOperatorTable operators;

  ValidationErrors(List<CatalogObject> scanned, SqlOperatorTable operators) {
    this.scanned = scanned;
    this.operators = operators;
  }

  LaminarException translate(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof LaminarException ours) {
        return ours;
      }
    }
    CalciteContextException context = null;
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CalciteContextException found) {
        context = found;
      }
      root = cause;
    }
    String message = root.getMessage();
    if (message == null) {
      message = root.getClass().getSimpleName();
    }
    if (context == null) {
      return withoutPlace(failure, message);
    }
    LaminarException error = translate(message);
    return context.getPosLine() > 0
        ? error.at(
            new SourcePosition(
                context.getPosLine(),
                context.getPosColumn(),
                context.getEndPosLine(),
                context.getEndPosColumn()))
        : error;
  }

  private static LaminarException withoutPlace(Throwable failure, String message) {
    if (failure instanceof UnsupportedOperationException) {
      return new LaminarException(
              ErrorCode.NOT_SUPPORTED, "this form of query is not supported: " + message, failure)
          .mend("Write it with plain SELECT, WHERE, GROUP BY and UNION ALL.");
    }
    if (message.startsWith("Correlate has invalid join type") // an assertion of Calcite's
        || message.startsWith("Unknown join type")) { // and without assertions

      return new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a RIGHT or FULL JOIN with what is computed of the left side's rows is not supported.",
              failure)
          .mend("Write CROSS JOIN, or LEFT JOIN .. ON TRUE.");
    }
    return new LaminarException(
            ErrorCode.VALIDATION_FAILED, "the query cannot be planned: " + message, failure)
        .mend("Take parts of it away to see which one is at fault.");
  }

  private LaminarException translate(String message) {
    Matcher column = COLUMN.matcher(message);
    if (column.find()) {
      return columnNotFound(column.group(1), column.group(3));
    }
    Matcher table = TABLE.matcher(message);
    if (table.find()) {
      return new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, "FROM has no relation called \"" + table.group(1) + "\".")
          .mend("Use the alias or the name it has in FROM.");
    }
    Matcher ambiguous = AMBIGUOUS.matcher(message);
    if (ambiguous.find()) {
      return new LaminarException(
              ErrorCode.VALIDATION_FAILED, "column \"" + ambiguous.group(1) + "\" is ambiguous.")
          .mend("Write the name of its relation before it.");
    }
    Matcher signature = SIGNATURE.matcher(message);
    if (signature.find()) {
      return functionNotFound(signature.group(1).trim(), signature.group(2));
    }
    Matcher notGrouped = NOT_GROUPED.matcher(message);
    if (notGrouped.find()) {
      return new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "\"" + notGrouped.group(1) + "\" is neither in GROUP BY nor aggregated.")
          .mend("Add it to GROUP BY, or aggregate it, for example LAST(x).");
    }
    Matcher arguments = ARGUMENTS.matcher(message);
    if (arguments.find()) {
      return new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              "function " + arguments.group(1) + " takes another number of arguments.")
          .mend("See SHOW FUNCTIONS.");
    }
    return general(message);
  }

  private static LaminarException general(String message) {
    boolean word = message.length() > 1 && Character.isLowerCase(message.charAt(1));
    String problem =
        (word ? Character.toLowerCase(message.charAt(0)) : message.charAt(0))
            + message.substring(1);
    int forms = problem.indexOf(" Supported form(s)");
    problem = forms < 0 ? problem : problem.substring(0, forms);
    if (!problem.endsWith(".")) {
      problem += ".";
    }
    if (message.startsWith("Cast function cannot convert")) {
      return new LaminarException(ErrorCode.TYPE_MISMATCH, problem)
          .mend("docs/sql/functions.md lists which types are cast to which.");
    }
    boolean types =
        message.startsWith("Cannot apply")
            || message.contains("type mismatch")
            || message.contains("Type mismatch")
            || message.contains("Illegal mixing of types")
            || message.contains("must be a condition")
            || message.contains("not comparable")
            || message.contains("Cannot infer return type")
            || message.contains("Illegal use of 'NULL'");
    return types
        ? new LaminarException(ErrorCode.TYPE_MISMATCH, problem)
            .mend("Cast the operands to types that fit: CAST(x AS DOUBLE).")
        : new LaminarException(ErrorCode.VALIDATION_FAILED, problem)
            .mend("Correct the query at this place.");
  }

  private LaminarException columnNotFound(String column, String relation) {
    List<String> candidates = new ArrayList<>();
    for (CatalogObject object : scanned) {
      for (Field field : object.schema().fields()) {
        candidates.add(field.name());
      }
    }
    String place =
        scanned.size() == 1
            ? scanned.get(0).describe() + " has no column"
            : relation != null
                ? "\"" + relation + "\" has no column"
                : scanned.isEmpty() ? "there is no column" : "no relation in FROM has a column";
    LaminarException error =
        new LaminarException(ErrorCode.COLUMN_NOT_FOUND, place + " \"" + column + "\".");
    String suggestion = Suggestions.didYouMean(column, candidates);
    if (suggestion != null) {
      return error.mend(suggestion);
    }
    return candidates.isEmpty()
        ? error.mend("Put text into 'single quotes', or add a FROM clause.")
        : error.mend("Its columns are " + String.join(", ", candidates) + ".");
  }

  private LaminarException functionNotFound(String name, String types) {
    List<String> known = new ArrayList<>();
    for (SqlOperator operator : operators.getOperatorList()) {
      if (operator.getName().equalsIgnoreCase(name)) {
        return new LaminarException(
                ErrorCode.TYPE_MISMATCH,
                "function " + name + " does not take (" + types.replaceAll("[<>]", "") + ").")
            .mend("Cast its arguments: CAST(x AS DOUBLE).");
      }
      if (operator instanceof org.apache.calcite.sql.SqlFunction) {
        known.add(operator.getName());
      }
    }
    String suggestion = Suggestions.didYouMean(name, known);
    return new LaminarException(
            ErrorCode.FUNCTION_NOT_FOUND, "there is no function \"" + name + "\".")
        .mend(suggestion != null ? suggestion : "SHOW FUNCTIONS lists the known ones.");
  }
}
