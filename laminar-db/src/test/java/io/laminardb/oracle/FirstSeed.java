package io.laminardb.oracle;

/**
 * Where a run's seeds start. A build draws the same cases each time, so that it fails for what was changed;
 * {@code -Dlaminar.oracle.seed=random} draws new ones, {@code -Dlaminar.oracle.seed=n} those of a run
 * before.
 */
final class FirstSeed {
  private FirstSeed() {}

  static long get() {
    String said = System.getProperty("laminar.oracle.seed", "20261123");
    return said.equals("random") ? System.nanoTime() & 0xffffff : Long.parseLong(said);
  }
}
