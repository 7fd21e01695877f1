package io.laminardb.connector.mmap;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;

/** Which packages of the JDK Chronicle Map 2026.1 has to reach; tried on JDK 17 and 25. */
final class JvmFlags {
  private static final String COMPILER = "jdk.compiler";
  private static final List<Needed> NEEDED =
      List.of(
          new Needed(false, "java.base", "jdk.internal.ref"),
          new Needed(false, COMPILER, "com.sun.tools.javac.file"),
          new Needed(true, "java.base", "java.lang"),
          new Needed(true, "java.base", "java.lang.reflect"),
          new Needed(true, "java.base", "sun.nio.ch"));

  private record Needed(boolean isOpened, String module, String name) {
    boolean isThere() {
      Module user = JvmFlags.class.getModule();
      return ModuleLayer.boot()
          .findModule(module)
          .filter(m -> isOpened ? m.isOpen(name, user) : m.isExported(name, user))
          .isPresent();
    }

    @Override
    public String toString() {
      return (isOpened ? "--add-opens=" : "--add-exports=") + module + "/" + name + "=ALL-UNNAMED";
    }
  }

  private JvmFlags() {}

  /**
   * Sees that this JVM was started with them.
   *
   * @throws LaminarException NOT_SUPPORTED with the flags that are missing
   */
  static void check() {
    if (ModuleLayer.boot().findModule(COMPILER).isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "storage = 'mmap' compiles classes when it is first used, and this Java has no compiler.")
          .mend("Run it on a JDK, with the module jdk.compiler.");
    }
    List<String> missing = new ArrayList<>();
    NEEDED.stream().filter(flag -> !flag.isThere()).forEach(flag -> missing.add(flag.toString()));
    if (!missing.isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "storage = 'mmap' runs on Chronicle Map, which reaches into the JDK, and this JVM does not"
                  + " let it.")
          .mend("Start Java with " + String.join(" ", missing));
    }
  }
}
