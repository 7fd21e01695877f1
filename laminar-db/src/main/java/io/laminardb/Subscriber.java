package io.laminardb;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;

/** Who follows a stream and is known by name: what it has not acknowledged waits for it. Immutable. */
public final class Subscriber {
  private final String name;

  private Subscriber(String name) {
    this.name = name;
  }

  /**
   * A receiver whose subscription stays when it goes, and when the process ends.
   *
   * @param name by which it comes again; as any name in SQL, in any case
   * @throws LaminarException INVALID_OPTION for an empty name
   */
  public static Subscriber durable(String name) {
    if (requireNonNull(name, "name").isBlank()) {
      throw new LaminarException(ErrorCode.INVALID_OPTION, "a durable subscriber has no name.")
          .mend("Give it one: Subscriber.durable(\"billing\").");
    }
    return new Subscriber(name);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "durable subscriber \"" + name + "\"";
  }
}
