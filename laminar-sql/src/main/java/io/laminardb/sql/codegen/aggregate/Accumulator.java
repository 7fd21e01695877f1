package io.laminardb.sql.codegen.aggregate;

import io.laminardb.sql.codegen.CodeBuffer;

/**
 * The state of one or more aggregate calls, as Java in the making. In it {@code s} is the prepared
 * row (or, in a merge, the other group's row) and {@code t} the group's row.
 */
abstract class Accumulator {
  final Presence presence;

  Accumulator(Presence presence) {
    this.presence = presence;
  }

  /** Whether {@link #check} has to know what a DISTINCT would make of the row; see {@link #peeked}. */
  boolean checksDistinct() {
    return false;
  }

  /** The Java of how often the row would count, before a DISTINCT has counted it. */
  final String peeked() {
    return presence.isDistinct() ? "peek_" + presence.weight() : presence.weight();
  }

  /** Fails, before any state has changed, where {@link #add} would. */
  void check(CodeBuffer code) {}

  /** Takes the row in; the presence holds, its counter has not moved yet. */
  abstract void add(CodeBuffer code);

  /** After the counters have moved, for accumulators that take rows back. */
  void settle(CodeBuffer code) {}

  /** Fails, before any state has changed, where {@link #merge} would. */
  void checkMerge(CodeBuffer code) {}

  /** Takes in the rows of the other group; there is at least one. */
  abstract void merge(CodeBuffer code);

  /** Whether {@link #merge} can be done at all. */
  boolean isMergeable() {
    return true;
  }
}
