package io.laminardb.cli;

/** Whether somebody looks at what we write. */
final class Terminals {
  private Terminals() {}

  /** Whether standard input and output both are a terminal. */
  static boolean isTerminal() {
    // Some newer JDKs have a console without a terminal unless told so before the first question.
    System.setProperty("jdk.console", "java.base");
    return System.console() != null;
  }
}
