package io.laminardb.script;

import java.util.List;

/**
 * One way to run a test: however the rows come in and whoever works on them, the answer is the same.
 *
 * @param feed how pushed rows reach the source
 * @param threaded whether a reactor thread does the work, else the thread that pushes
 * @param tiny rings of 4 rows and batches of 2
 * @param rebuild whether all state is written out and rebuilt between any two lines
 * @param crash whether the database is in a directory, and ends now and then between two lines
 * @param spill whether all state that can spill does, between any two batches
 */
public record Mode(
    Feed feed, boolean threaded, boolean tiny, boolean rebuild, boolean crash, boolean spill) {
  public Mode(Feed feed, boolean threaded, boolean tiny, boolean rebuild) {
    this(feed, threaded, tiny, rebuild, false, false);
  }

  /** How rows reach a source. */
  public enum Feed {
    /** {@code push(Object...)}, row by row. */
    ROWS,
    /** The row writer. */
    WRITER,
    /** Arrow batches of random size. */
    RANDOM_BATCHES,
    /** Arrow batches of random size, some VARCHAR columns of which are dictionary-encoded. */
    CODED_BATCHES,
    /** All rows of consecutive pushes in one Arrow batch. */
    ONE_BATCH
  }

  /** Rows one by one, on the pushing thread: the mode that a failure is easiest to follow in. */
  public static final Mode SIMPLE = new Mode(Feed.ROWS, false, false, false);

  /** All ways. */
  public static final List<Mode> ALL =
      List.of(
          SIMPLE,
          new Mode(Feed.WRITER, false, false, false),
          new Mode(Feed.RANDOM_BATCHES, false, false, false),
          new Mode(Feed.ONE_BATCH, false, false, false),
          new Mode(Feed.ROWS, true, false, false),
          new Mode(Feed.WRITER, true, false, false),
          new Mode(Feed.RANDOM_BATCHES, true, false, false),
          new Mode(Feed.ONE_BATCH, true, false, false),
          new Mode(Feed.ROWS, false, true, false),
          new Mode(Feed.CODED_BATCHES, false, true, false),
          new Mode(Feed.WRITER, true, true, false),
          new Mode(Feed.ROWS, false, false, true),
          new Mode(Feed.CODED_BATCHES, false, false, false),
          new Mode(Feed.CODED_BATCHES, true, false, true),
          new Mode(Feed.RANDOM_BATCHES, false, false, true, false, true),
          new Mode(Feed.ROWS, false, false, false, true, true),
          new Mode(Feed.RANDOM_BATCHES, true, false, false, true, false));

  /** The same in memory. */
  Mode inMemory() {
    return new Mode(feed, threaded, tiny, rebuild);
  }

  /** Whether each row is worked on before the next one is pushed. */
  public boolean oneRowAtATime() {
    return !threaded && (feed == Feed.ROWS || feed == Feed.WRITER);
  }

  @Override
  public String toString() {
    return feed.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
        + (threaded ? ", threaded" : ", inline")
        + (tiny ? ", tiny rings" : "")
        + (rebuild ? ", state rebuilt" : "")
        + (crash ? ", crashes" : "")
        + (spill ? ", state spilled" : "");
  }
}
