package io.laminardb.cli;

import io.laminardb.LaminarDB;
import java.util.List;

/** What went wrong with queries while they ran. */
final class Failures {
  private Failures() {}

  /** What stopped queries of {@code db} before their end, one sentence each. */
  static List<String> of(LaminarDB db) {
    return db.metrics().queries().stream()
        .filter(query -> query.failure() != null)
        .map(query -> "\"" + query.name() + "\" stopped: " + query.failure())
        .toList();
  }
}
