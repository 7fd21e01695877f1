package io.laminardb.cli;

/** Something to do when the process is asked to end (Ctrl-C) before this is closed. */
final class OnExit implements AutoCloseable {
  private final Thread hook;

  private OnExit(Thread hook) {
    this.hook = hook;
  }

  static OnExit run(Runnable action) {
    Thread hook = new Thread(action, "laminar-exit");
    Runtime.getRuntime().addShutdownHook(hook);
    return new OnExit(hook);
  }

  /** Forgets the action. When the process is ending already, the action goes on. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs, or has run
      assert e != null;
    }
  }
}
