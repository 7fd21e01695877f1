package io.laminardb.cli;

import io.laminardb.core.error.LaminarException;
import java.io.PrintWriter;

/** Prints failures: code and caret in red, what happened and how to mend it as it is. */
final class Errors {
  private Errors() {}

  /**
   * Prints {@code failure} with the line of {@code text} it points at.
   *
   * @param place what {@code text} is called, such as a file; null for typed text
   */
  static void print(PrintWriter err, Look look, String place, String text, Throwable failure) {
    String prefix = place == null ? "" : place + ": ";
    if (failure instanceof LaminarException error) {
      LaminarException shown = error.position() == null ? error : error.in(text);
      err.println(prefix + painted(shown, look));
    } else {
      err.println(prefix + look.red("INTERNAL_ERROR") + ": " + failure + ". Please report it.");
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static String painted(LaminarException error, Look look) {
    String code = error.code().name();
    String[] lines = error.getMessage().substring(code.length()).split("\n", -1);
    for (int i = 1; i < lines.length; i++) {
      lines[i] = lines[i].strip().matches("\\^+") ? look.red(lines[i]) : look.dim(lines[i]);
    }
    return look.red(look.bold(code)) + String.join(System.lineSeparator(), lines);
  }
}
