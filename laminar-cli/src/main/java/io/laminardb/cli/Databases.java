package io.laminardb.cli;

import io.laminardb.LaminarDB;
import java.nio.file.Path;
import java.util.Map;

/** Opens databases with the variables every script of this command may use. */
final class Databases {
  private Databases() {}

  /** Where the launcher stands; the current directory when started without it. */
  static Path home() {
    return Path.of(System.getProperty("laminar.home", "."));
  }

  /** An in-memory database in which {@code ${LAMINAR_HOME}} and {@code variables} are set. */
  static LaminarDB open(Map<String, String> variables) {
    return open(variables, null);
  }

  /**
   * As above.
   *
   * @param directory where it is kept, or null for one in memory
   */
  static LaminarDB open(Map<String, String> variables, Path directory) {
    LaminarDB.Builder builder = LaminarDB.builder().variable("LAMINAR_HOME", home().toString());
    variables.forEach(builder::variable);
    if (directory != null) {
      builder.storageDir(directory);
    }
    return builder.build();
  }
}
