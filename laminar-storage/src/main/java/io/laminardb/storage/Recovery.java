package io.laminardb.storage;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.CheckpointDirectory;
import io.laminardb.storage.checkpoint.CheckpointReader;
import io.laminardb.storage.checkpoint.Checkpoints;
import io.laminardb.storage.journal.JournalDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * From what a database goes on: the newest checkpoint that is whole, and the records of the journal behind
 * its position. A damaged checkpoint costs nothing as long as the journal reaches from the one before to
 * the end. Where something acknowledged is missing, {@link #loss} says what.
 *
 * @param checkpoint to begin with, or null for an empty database
 * @param position of the last record whose effect is in it
 * @param connects whether the journal's records follow on the checkpoint; otherwise none of them can be
 *     used
 * @param damaged checkpoints that are not whole, newest first
 * @param warnings what is damaged and was made up for
 * @param loss what is lost, as a part of a sentence, or null for nothing
 */
record Recovery(
    CheckpointReader checkpoint,
    long position,
    boolean connects,
    List<CheckpointDirectory> damaged,
    List<String> warnings,
    String loss) {

  /** Tries the checkpoints, newest first. What it answers is read until {@link Checkpoints#release}. */
  static Recovery of(Checkpoints checkpoints, JournalDirectory journals) {
    List<CheckpointDirectory> damaged = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    CheckpointReader whole = null;
    long reached = 0;
    List<CheckpointDirectory> found = checkpoints.found();
    for (int i = found.size() - 1; i >= 0 && whole == null; i--) {
      CheckpointDirectory each = found.get(i);
      try {
        whole = verify(checkpoints, each);
      } catch (LaminarException e) {
        damaged.add(each);
        reached = Math.max(reached, each.hasManifest() ? each.info().position() : 0);
        problems.add("checkpoint " + each.id() + " is damaged (" + e.problem() + ")");
      }
    }
    long position = whole == null ? 0 : whole.info().position();
    boolean connects = journals.firstPosition() <= position + 1;
    String loss = loss(journals, position, reached);
    if (loss == null) {
      return new Recovery(whole, position, connects, damaged, warnings(problems, whole), null);
    }
    problems.add(loss);
    return new Recovery(
        whole, position, connects, damaged, new ArrayList<>(), String.join("; ", problems));
  }

  /** A read that fails once is no damage yet: to do without a checkpoint costs more than to try again. */
  private static CheckpointReader verify(Checkpoints checkpoints, CheckpointDirectory each) {
    try {
      return checkpoints.verify(each);
    } catch (LaminarException e) {
      return checkpoints.verifyAgain(each);
    }
  }

  /**
   * What of the journal is missing behind {@code position}; what is damaged in it is found when it is read.
   *
   * @param reached the position of a checkpoint that is lost, up to where the journal did go
   */
  private static String loss(JournalDirectory journals, long position, long reached) {
    long first = journals.firstPosition();
    if (first > position + 1) {
      return "the journal begins with record " + first + ", so " + records(position + 1, first - 1);
    }
    if (position > 0 && journals.isEmpty()) {
      return "the journal is gone, so " + behind(position);
    }
    if (reached > position || position > journals.marked()) {
      long last;
      try {
        last = journals.lastPosition();
      } catch (LaminarException e) {
        return e.problem();
      }
      if (last < Math.max(position, reached)) {
        return "the journal ends with record "
            + last
            + ", so "
            + (position < reached ? records(Math.max(last, position) + 1, reached) + "; " : "")
            + behind(Math.max(position, reached));
      }
    }
    return null;
  }

  private static String behind(long position) {
    return "records behind " + position + ", if there were any, are lost";
  }

  private static String records(long from, long to) {
    return from == to
        ? "record " + from + " is lost"
        : "records " + from + " to " + to + " are lost";
  }

  private static List<String> warnings(List<String> problems, CheckpointReader whole) {
    String instead =
        whole == null
            ? "the database is rebuilt from the whole journal."
            : "checkpoint " + whole.info().id() + " and more of the journal are used.";
    return problems.stream().map(problem -> problem + "; " + instead).toList();
  }

  /** The refusal to open what has lost something. */
  LaminarException refusal(Path directory) {
    return new LaminarException(
            ErrorCode.STATE_CORRUPT,
            "\"" + directory + "\" cannot be opened without losing data: " + loss + ".")
        .mend(
            "Restore a backup; or open it with acceptLoss to go on "
                + (connects ? "with what is whole" : "behind record " + position)
                + ". What is damaged is kept in its directory \""
                + LostFiles.DIRECTORY
                + "\" then.");
  }
}
