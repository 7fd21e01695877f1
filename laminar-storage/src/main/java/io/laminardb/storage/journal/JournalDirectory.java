package io.laminardb.storage.journal;

import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A directory with the files of a journal, as it is found. First {@link #read}, then {@link #journal},
 * which cuts what was not written to its end and goes on behind the last record. One thread. Nothing is
 * changed before {@link #journal}.
 */
public final class JournalDirectory {
  private static final int CHUNK = 1 << 20;

  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final List<Segment> segments = new ArrayList<>();
  private final List<Path> unfinished = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final long mark;
  private JournalScanner.End end;
  private FileJournalReader open;

  private JournalDirectory(FileSystem files, Path directory, StorageOptions options)
      throws IOException {
    this.files = files;
    this.directory = directory;
    this.options = options;
    files.createDirectories(directory);
    this.mark = DurableMark.read(files, directory);
    for (String name : files.list(directory)) {
      if (!Segment.isName(name)) {
        continue;
      }
      Path path = directory.resolve(name);
      try (StorageFile file = files.read(path)) {
        Segment.Header header = Segment.read(file);
        if (header instanceof Segment.Unfinished) {
          unfinished.add(path);
          continue;
        }
        for (Path cut : unfinished) {
          segments.add(Segment.headless(cut)); // only the last file can be unfinished
        }
        unfinished.clear();
        if (header instanceof Segment.Found found) {
          segments.add(found.segment());
        } else {
          segments.add(Segment.headless(path));
          warnings.add(
              "the header of "
                  + path
                  + " is damaged; its records have checks of their own and are read");
        }
      }
    }
  }

  /**
   * Looks at what is there, and makes the directory where there is none.
   *
   * @param options sizes, and whether loss is accepted
   * @throws LaminarException IO_ERROR where it cannot be read, STATE_CORRUPT where another version has
   *     written it
   */
  public static JournalDirectory open(FileSystem files, Path directory, StorageOptions options) {
    try {
      return new JournalDirectory(files, directory, options);
    } catch (IOException failed) {
      throw JournalErrors.cannotRead(directory, failed);
    }
  }

  /** What was damaged and cost nothing, or was accepted; for people. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The position of the oldest record there is, or of the first to be written. */
  public long firstPosition() {
    return segments.isEmpty() ? 1 : segments.get(0).firstPosition();
  }

  /** Whether there is no file with records, not even with none yet: where nothing was ever written. */
  public boolean isEmpty() {
    return segments.isEmpty();
  }

  /** The position up to which the mark says that all was durable; 0 where there is no mark. */
  public long marked() {
    return mark;
  }

  /**
   * The position of the last record there is; 0 before the first one. The end of the journal is looked
   * at for that.
   *
   * @throws LaminarException STATE_CORRUPT where records at the end are lost that were durable
   */
  public long lastPosition() {
    return end(Long.MAX_VALUE).position();
  }

  /**
   * The records behind a position, oldest first. The caller closes the reader; {@link #journal} does as
   * well.
   *
   * @param behind of a record, or 0 for all there are
   * @throws LaminarException STATE_CORRUPT where the record behind {@code behind} is not there any more;
   *     {@link JournalReader#next} where one is damaged later
   */
  public JournalReader read(long behind) {
    close();
    if (segments.isEmpty()) {
      accept(emptyEnd(), behind);
      open = null;
      return new EmptyReader();
    }
    open =
        read(
            files,
            directory,
            segments,
            behind,
            Long.MAX_VALUE,
            mark,
            warnings::add,
            found -> accept(found, behind));
    return open;
  }

  static FileJournalReader read(
      FileSystem files,
      Path directory,
      List<Segment> segments,
      long behind,
      long until,
      long mark,
      Consumer<String> warning,
      Consumer<JournalScanner.End> atEnd) {
    long first = segments.get(0).firstPosition();
    if (behind > 0 && behind + 1 < first) {
      throw JournalErrors.corrupt(
          "the journal in " + directory + " begins with record " + first, behind + 1, first - 1);
    }
    try {
      JournalScanner scanner =
          new JournalScanner(files, segments, holding(segments, behind + 1), mark);
      seek(scanner, behind, warning);
      return new FileJournalReader(scanner, until, atEnd);
    } catch (IOException failed) {
      throw JournalErrors.cannotRead(directory, failed);
    }
  }

  private static void seek(JournalScanner scanner, long behind, Consumer<String> warning)
      throws IOException {
    try {
      String passed = scanner.seek(behind);
      if (passed != null) {
        warning.accept(passed);
      }
    } catch (IOException | RuntimeException failed) {
      scanner.close();
      throw failed;
    }
  }

  /**
   * Begins to write behind the last record: what was not written to its end is cut, all that is left
   * is made durable. Readers are closed. The caller closes the journal.
   *
   * @param after the last position that is accounted for elsewhere, such as in a checkpoint, or 0: a
   *     journal that ends before it is begun anew behind it
   * @throws LaminarException STATE_CORRUPT where records behind {@code after} are lost; IO_ERROR
   */
  public FileJournal journal(long after) {
    return journal(after, false);
  }

  /**
   * As {@link #journal(long)}, but without threads, and so the same every time: who asks for records to
   * be made durable writes and forces them, and so does who claims room where there is none.
   */
  public FileJournal inlineJournal(long after) {
    return journal(after, true);
  }

  private FileJournal journal(long after, boolean inline) {
    close();
    JournalScanner.End last = end(after);
    try {
      for (Path path : unfinished) {
        remove(path);
      }
      if (last.position() < after) {
        beginBehind(after);
        return new FileJournal(files, directory, options, segments, after, 0, inline);
      }
      cut(last);
      long offset = segments.isEmpty() ? 0 : last.offset();
      return new FileJournal(files, directory, options, segments, last.position(), offset, inline);
    } catch (IOException failed) {
      throw JournalErrors.cannotWrite(directory, failed);
    }
  }

  /** Closes the reader that is open, if there is one. */
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  private JournalScanner.End end(long after) {
    if (end != null) {
      return end;
    }
    if (segments.isEmpty()) {
      accept(emptyEnd(), after);
      return end;
    }
    long known = after == Long.MAX_VALUE ? 0 : after;
    int from = holding(segments, Math.max(mark, known) + 1);
    try (JournalScanner scanner = new JournalScanner(files, segments, from, mark)) {
      seek(scanner, known, warnings::add);
      while (scanner.look()) {
        scanner.skip();
      }
      accept(scanner.end(), known);
      return end;
    } catch (IOException failed) {
      throw JournalErrors.cannotRead(directory, failed);
    }
  }

  private JournalScanner.End emptyEnd() {
    LaminarException damage =
        mark == 0
            ? null
            : JournalErrors.corrupt(
                "the files of the journal in " + directory + " are gone", 1, mark);
    return new JournalScanner.End(-1, 0, 0, damage, mark, -1, 0);
  }

  /** Takes an end that was found, unless it loses records behind {@code after} that nobody gave up. */
  private void accept(JournalScanner.End found, long after) {
    if (found.damage() != null) {
      if (!options.acceptLoss() && found.lost() > after) {
        throw found.damage();
      }
      warnings.add(found.damage().problem());
    }
    end = found;
  }

  /** Index of the segment that holds a position, or of the first or last one. */
  private static int holding(List<Segment> segments, long position) {
    int index = segments.size() - 1;
    while (index > 0 && segments.get(index).firstPosition() > position) {
      index--;
    }
    return index;
  }

  /** Cuts all behind the end, and makes durable all before it. */
  private void cut(JournalScanner.End last) throws IOException {
    for (int i = segments.size() - 1; i > last.segment(); i--) {
      discard(segments.remove(i).path(), last);
    }
    for (int i = Math.max(0, holding(segments, mark + 1)); i < segments.size(); i++) {
      Path path = segments.get(i).path();
      long end = i == last.segment() ? last.offset() : files.size(path);
      if (i == last.segment() && last.damage() != null) {
        keepDamaged(path);
      }
      try (StorageFile file = files.write(path)) {
        long size = file.size();
        if (size > end) {
          file.truncate(end);
        }
        boolean unproven = rewrite(file, last.unprovenOffset(i), end);
        if (unproven || size > end) {
          file.force();
        }
      }
    }
    files.forceDirectory(directory);
  }

  /**
   * Writes again what a force may have failed for: a later one would succeed without it, as the
   * system takes what it could not write for written.
   *
   * @return whether there was anything
   */
  private static boolean rewrite(StorageFile file, long from, long end) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.max(0, Math.min(CHUNK, end - from)));
    for (long offset = from; offset < end; offset += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, end - offset));
      if (file.read(chunk, offset) < chunk.limit()) {
        throw new IOException("it became shorter while it was read");
      }
      file.write(chunk.flip(), offset);
    }
    return from < end;
  }

  private void discard(Path path, JournalScanner.End last) throws IOException {
    if (last.damage() == null) {
      remove(path);
    } else {
      files.rename(path, path.resolveSibling(path.getFileName() + ".damaged"));
      files.forceDirectory(directory);
    }
  }

  private void remove(Path path) throws IOException {
    files.delete(path);
    files.forceDirectory(directory);
  }

  /**
   * Keeps a copy of a file that will be cut, for people who want to look at it; what is cut is a file of
   * its own then, as another directory may have this one under a second name.
   */
  private void keepDamaged(Path path) throws IOException {
    byte[] bytes = files.readAll(path);
    files.writeAtomically(path.resolveSibling(path.getFileName() + ".damaged"), bytes);
    files.writeAtomically(path, bytes);
  }

  private void beginBehind(long after) throws IOException {
    if (!segments.isEmpty()) {
      warnings.add(
          "the journal in "
              + directory
              + " ends with record "
              + end.position()
              + " before the checkpoint at "
              + after
              + "; it is begun anew behind that");
    }
    DurableMark.open(files, directory, 0).close();
    for (Segment segment : segments) {
      discard(segment.path(), end);
    }
    segments.clear();
  }

  /** Reads nothing. */
  private static final class EmptyReader implements JournalReader {
    @Override
    public boolean next() {
      return false;
    }

    @Override
    public boolean hasNext() {
      return false;
    }

    @Override
    public long position() {
      return 0;
    }

    @Override
    public long address() {
      return 0;
    }

    @Override
    public int length() {
      return 0;
    }

    @Override
    public long nextAddress() {
      return 0;
    }

    @Override
    public int nextLength() {
      return 0;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
