package io.laminardb.storage.journal;

import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The files of a journal that is written: all there are, and those not known to be durable, open. */
final class SegmentFiles implements AutoCloseable {
  private record Open(Segment segment, StorageFile file) {}

  private final FileSystem files;
  private final Path directory;
  private final ArrayDeque<Segment> segments;
  private final ArrayDeque<Open> unforced = new ArrayDeque<>();

  SegmentFiles(FileSystem files, Path directory, List<Segment> segments) {
    this.files = files;
    this.directory = directory;
    this.segments = new ArrayDeque<>(segments);
  }

  /** Opens the last file to go on in it. */
  synchronized StorageFile openLast() throws IOException {
    Segment last = segments.getLast();
    StorageFile file = files.write(last.path());
    unforced.add(new Open(last, file));
    return file;
  }

  /** Begins a file; it is durable, without records. Nothing is written to the one before any more. */
  StorageFile begin(long firstPosition, long durable) throws IOException {
    Segment before = last();
    Segment segment =
        new Segment(
            directory.resolve(Segment.nameOf(firstPosition)),
            firstPosition,
            before == null ? 0 : before.firstPosition(),
            Instant.now(),
            durable);
    StorageFile file = segment.create(files);
    synchronized (this) {
      segments.add(segment);
      unforced.add(new Open(segment, file));
    }
    return file;
  }

  /** Makes what was written to any of the files before this call durable. One thread at a time. */
  void force() throws IOException {
    List<Open> open;
    synchronized (this) {
      open = new ArrayList<>(unforced);
    }
    for (int i = 0; i < open.size(); i++) {
      try {
        open.get(i).file().force();
      } catch (IOException failed) {
        throw new IOException(open.get(i).segment().path() + ": " + failed.getMessage(), failed);
      }
      if (i < open.size() - 1) {
        synchronized (this) {
          unforced.removeFirst();
        }
        open.get(i).file().close();
      }
    }
  }

  synchronized List<Segment> all() {
    return List.copyOf(segments);
  }

  synchronized long firstPosition() {
    return segments.getFirst().firstPosition();
  }

  /**
   * Removes whole files, oldest first, of which no record is at or behind {@code position} or was
   * written at or after {@code time}. One thread at a time.
   */
  void removeBefore(long position, Instant time) throws IOException {
    while (true) {
      Segment oldest;
      synchronized (this) {
        oldest = segments.getFirst();
        if (segments.size() < 2 || oldest == unforced.getFirst().segment()) {
          return;
        }
      }
      Segment next = all().get(1);
      if (next.firstPosition() > position || next.begunAt().isAfter(time)) {
        return;
      }
      files.delete(oldest.path());
      // One by one: after a crash the files left are without a gap.
      files.forceDirectory(directory);
      synchronized (this) {
        segments.removeFirst();
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    IOException failure = null;
    for (Open open : unforced) {
      try {
        open.file().close();
      } catch (IOException failed) {
        failure = failed;
      }
    }
    unforced.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized Segment last() {
    return segments.peekLast();
  }
}
