package io.laminardb.cli;

/** What to do when the process is asked to end (Ctrl-C) while something is going on. */
final class OnExit {
  private OnExit() {}

  /** Runs {@code body}; when the process has to end meanwhile, it first runs {@code action}. */
  static void during(Runnable body, Runnable action) {
    Thread hook = new Thread(action, "laminar-exit");
    Runtime runtime = Runtime.getRuntime();
    runtime.addShutdownHook(hook);
    try {
      body.run();
    } finally {
      try {
        runtime.removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        awaitEnd(hook); // the process is ending, and the hook has the last word
      }
    }
  }

  private static void awaitEnd(Thread hook) {
    try {
      hook.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
