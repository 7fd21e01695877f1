package io.laminardb.storage.journal;

import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Goes through the records of all files of a journal, and tells the end of what was written from
 * damage. Where the first record is that cannot be read, the journal ends if nothing says that it was
 * durable once: it is torn, not rotten; and neither the mark beside the segments nor any record or
 * header before or behind it was written when it was durable already. Otherwise it is damage.
 */
final class JournalScanner implements AutoCloseable {
  /**
   * Where the journal ends.
   *
   * @param segment index of the file that the last record is in; -1 where there is none
   * @param offset behind the last record
   * @param position of the last record
   * @param damage why it does not go on, if it should; null at an ordinary end
   * @param lost the last position that is known to be lost, where it is damaged
   * @param provenSegment index of the file of the last record that the mark says is durable; -1 where
   *     none was seen
   * @param provenOffset behind that record
   */
  record End(
      int segment,
      long offset,
      long position,
      LaminarException damage,
      long lost,
      int provenSegment,
      long provenOffset) {
    /** From where on a file may hold what was written and never forced. */
    long unprovenOffset(int file) {
      return file < provenSegment ? Long.MAX_VALUE : file == provenSegment ? provenOffset : 0;
    }
  }

  private final FileSystem files;
  private final List<Segment> segments;
  private final int from;
  private final long mark;
  private long durable;
  private int index;
  private int provenSegment = -1;
  private long provenOffset;
  private SegmentScanner scanner;
  private End end;

  /**
   * @param segments oldest first; at least one
   * @param from index of the one to begin with
   * @param mark up to where the journal is known to have been durable
   */
  JournalScanner(FileSystem files, List<Segment> segments, int from, long mark) throws IOException {
    this.files = files;
    this.segments = segments;
    this.from = from;
    this.index = from;
    this.mark = mark;
    this.durable = mark;
    open(from);
  }

  /**
   * Goes behind a position, to where the file that was begun with holds it. What is damaged before that
   * is passed over, if what is behind can be found.
   *
   * @return what was passed over, for people, or null for nothing
   */
  String seek(long behind) throws IOException {
    while (position() <= behind && look()) {
      skip();
    }
    if (end == null || end.damage() == null) {
      return null;
    }
    Segment segment = segments.get(from);
    SegmentScanner again = new SegmentScanner(files.read(segment.path()), segment.firstPosition());
    try {
      boolean more = true;
      while (more && again.position() <= behind) {
        if (again.look() == SegmentScanner.Found.RECORD) {
          again.skip();
        } else {
          more = again.resume();
        }
      }
    } catch (IOException | RuntimeException failed) {
      again.close();
      throw failed;
    }
    if (again.position() != behind + 1) {
      again.close();
      return null;
    }
    scanner.close();
    scanner = again;
    index = from;
    end = null;
    return segment.path()
        + " is damaged before record "
        + (behind + 1)
        + ", where nothing is needed any more";
  }

  /** Whether there is a record at this place; else {@link #end} says why. */
  boolean look() throws IOException {
    while (end == null) {
      SegmentScanner.Found found = scanner.look();
      switch (found) {
        case RECORD -> {
          durable = Math.max(durable, scanner.durable());
          return true;
        }
        case TORN, ROTTEN -> end = judge(found);
        case END -> {
          if (continues()) {
            open(index + 1);
          } else {
            end = judge(isMissing() ? SegmentScanner.Found.ROTTEN : found);
          }
        }
      }
    }
    return false;
  }

  /** The record at this place, where {@link #look} found one. */
  SegmentScanner record() {
    return scanner;
  }

  long position() {
    return end == null ? scanner.position() : end.position() + 1;
  }

  void skip() {
    scanner.skip();
    if (scanner.position() - 1 <= mark) {
      provenSegment = index;
      provenOffset = scanner.offset();
    }
  }

  /** The file this place is in. */
  Path path() {
    return segments.get(index).path();
  }

  /** The end, once {@link #look} has come to it. */
  End end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    scanner.close();
  }

  private boolean continues() {
    return index + 1 < segments.size() && segments.get(index + 1).firstPosition() == position();
  }

  /** Whether the next file there is was not the next one that was written. */
  private boolean isMissing() {
    if (index + 1 == segments.size()) {
      return false;
    }
    Segment next = segments.get(index + 1);
    return next.firstPosition() < position()
        || next.previous() >= 0 && next.previous() != segments.get(index).firstPosition();
  }

  private void open(int next) throws IOException {
    Segment segment = segments.get(next);
    SegmentScanner opened = new SegmentScanner(files.read(segment.path()), segment.firstPosition());
    if (scanner != null) {
      scanner.close();
    }
    scanner = opened;
    index = next;
    durable = Math.max(durable, segment.durable());
  }

  private End judge(SegmentScanner.Found found) throws IOException {
    long position = position();
    long offset = scanner.offset();
    int segment = index;
    String where = segments.get(index).path() + " at byte " + offset;
    // What is whole behind this place tells what was durable, and how much is lost.
    long last = found == SegmentScanner.Found.ROTTEN ? position : position - 1;
    boolean more = scanner.resume();
    while (more || index + 1 < segments.size()) {
      if (!more) {
        open(index + 1);
      }
      while (scanner.look() == SegmentScanner.Found.RECORD) {
        durable = Math.max(durable, scanner.durable());
        last = Math.max(last, scanner.position());
        scanner.skip();
      }
      more = scanner.resume();
    }
    last = Math.max(last, durable);
    boolean damaged = found == SegmentScanner.Found.ROTTEN || durable >= position;
    if (!damaged) {
      return new End(segment, offset, position - 1, null, 0, provenSegment, provenOffset);
    }
    String what =
        switch (found) {
          case ROTTEN -> "the journal is damaged in " + where;
          case TORN ->
              "the journal was cut in " + where + ", though it was durable up to record " + durable;
          default ->
              "the journal ends in " + where + ", though it was durable up to record " + durable;
        };
    return new End(
        segment,
        offset,
        position - 1,
        JournalErrors.corrupt(what, position, last),
        last,
        provenSegment,
        provenOffset);
  }
}
