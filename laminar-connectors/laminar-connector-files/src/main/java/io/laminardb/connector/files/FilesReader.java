package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.BadRecordHandler;
import io.laminardb.core.connector.SourceDemand;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads files one after the other in the order of their names; when following, goes round them for
 * new lines, and looks for new files each time a round found none. A file that was replaced
 * (rotated) is read to its end and the new one from its start; one that became shorter is read anew.
 *
 * <p>The rows of one call come from one file: so where they began they can be read again, whatever has
 * come to other files since.
 */
final class FilesReader implements SourceReader {
  private static final Logger LOG = LoggerFactory.getLogger(FilesReader.class);

  /** A call gives out its rows after this many bytes, so that few huge records do not pile up. */
  private static final long BYTES_PER_CALL = 8 << 20;

  private static final int FINGERPRINT_BYTES = 1024;

  private final SourceOptions options;
  private final Schema schema;
  private final BadRecordHandler badRecords;
  private final Map<Path, Followed> files = new LinkedHashMap<>();
  private final List<Followed> round = new ArrayList<>();
  private Map<String, FilesOffset.Place> restored = new HashMap<>();
  private SourceDemand demand; // null for everything
  private int turn;
  private boolean started;
  private boolean enough; // this call has read enough to be worth passing on
  private LaminarException failure; // found behind rows that had to be given out first
  private Followed given; // whose rows the last call that had some gave out; or null
  private long givenOffset; // where they began
  private long givenLine;
  private long bytesOfClosedFiles;
  private volatile long bytesRead;
  private volatile long bytesTotal;

  /** One file and how far it was read. */
  private static final class Followed {
    final Path path;
    FileRows rows; // null while it is closed
    boolean done;
    boolean resumed; // where an earlier reader stopped
    long offset;
    long line = 1;
    long fingerprint; // see FileInput; 0 while it is not known

    Followed(Path path) {
      this.path = path;
    }
  }

  FilesReader(SourceOptions options, Schema schema) {
    this.options = options;
    this.schema = schema;
    this.badRecords = new BadRecordHandler(options.onError());
    lookForFiles();
    if (files.isEmpty() && !options.follow()) {
      throw new LaminarException(ErrorCode.IO_ERROR, "no file matches \"" + options.path() + "\".")
          .mend("Check the path, or set follow = 'true' to wait for one.");
    }
    bytesTotal = options.follow() ? -1 : totalBytes();
  }

  private long totalBytes() {
    long total = 0;
    for (Path path : files.keySet()) {
      try {
        total += Files.size(path);
      } catch (IOException e) {
        throw FileInput.failure(path, "cannot be read", e);
      }
    }
    return total;
  }

  /** Takes up files that are new; answers whether there are any. */
  private boolean lookForFiles() {
    boolean any = false;
    for (Path path : options.path().list()) {
      if (!files.containsKey(path)) {
        Followed file = new Followed(path);
        files.put(path, file);
        round.add(file);
        any = true;
      }
    }
    return any;
  }

  @Override
  public void demand(SourceDemand newDemand) {
    if (options.validate()) {
      return; // it is to be known what is wrong, whoever reads it
    }
    demand = newDemand;
    for (Followed file : round) {
      if (file.rows != null) {
        file.rows.demand(newDemand);
      }
    }
  }

  @Override
  public int read(Batch into) {
    if (failure != null) {
      throw failure;
    }
    started = true;
    int start = into.rowCount();
    try {
      fill(into);
    } catch (LaminarException e) {
      failure = e;
      if (into.rowCount() == start) {
        throw e;
      }
    }
    bytesRead = bytesOfClosedFiles + openBytes();
    int rows = into.rowCount() - start;
    return rows > 0 || into.isFull() || options.follow() || failure != null || turn < round.size()
        ? rows
        : END;
  }

  private void fill(Batch into) {
    int idle = 0;
    int start = into.rowCount();
    enough = false;
    while (!into.isFull() && turn < round.size()) {
      Followed file = round.get(turn);
      boolean any = !file.done && readFrom(file, into);
      if (into.isFull() || enough) {
        return;
      }
      idle = any ? 0 : idle + 1;
      turn++;
      if (into.rowCount() > start) {
        turn = options.follow() && turn == round.size() ? 0 : turn;
        return;
      }
      if (options.follow() && turn == round.size()) {
        turn = 0;
        if (idle >= round.size() && !lookForFiles()) {
          return;
        }
      }
    }
    if (options.follow() && round.isEmpty() && lookForFiles()) {
      fill(into);
    }
  }

  /** Reads what one file has; answers whether that was anything. */
  private boolean readFrom(Followed file, Batch into) {
    boolean any = false;
    int start = into.rowCount();
    while (true) {
      if (file.rows == null && !open(file)) {
        return any;
      }
      FileInput input = file.rows.input();
      if (into.rowCount() == start) {
        given = file;
        givenOffset = input.offset();
        givenLine = input.line;
      }
      long stopAt = input.offset() + BYTES_PER_CALL;
      while (!into.isFull() && file.rows.readRow(into)) {
        any = true;
        if (input.offset() >= stopAt) {
          enough = true;
          return true;
        }
      }
      if (into.isFull()) {
        return true;
      }
      if (!moveOn(file)) {
        return any;
      }
      any = true;
      if (file.rows == null && into.rowCount() > start) {
        return true; // what follows is another file
      }
    }
  }

  /** At the end of a file: closes what is done. Answers whether there may be more in it. */
  private boolean moveOn(Followed file) {
    FileInput input = file.rows.input();
    if (input.isLast()) {
      boolean replaced = options.follow() && !isGzip(file.path);
      close(file, !replaced);
      return replaced;
    }
    String identityNow = FileInput.identityNow(file.path);
    if (identityNow == null) {
      return false; // gone: it may come again, and who holds it open may still write
    }
    if (!identityNow.equals(input.identity())) {
      input.complete(); // rotated: what is left of the old one, then the new one
      return true;
    }
    if (input.size() < input.rawPosition()) {
      LOG.warn("File \"{}\" became shorter: reading it from its start.", file.path);
      close(file, false);
      return true;
    }
    input.rest();
    return false;
  }

  private boolean isGzip(Path path) {
    return options.compression().isGzip(path.toString());
  }

  private boolean open(Followed file) {
    FilesOffset.Place place = restored.get(file.path.toString());
    if (place != null && place.done()) {
      file.done = true;
      file.offset = place.offset();
      file.line = place.line();
      file.fingerprint = place.fingerprint();
      restored.remove(file.path.toString());
      return false;
    }
    FileInput input;
    try {
      input = new FileInput(file.path, isGzip(file.path));
    } catch (LaminarException e) {
      if (options.follow() && e.getCause() instanceof NoSuchFileException) {
        return false; // between the two steps of a rotation
      }
      throw e;
    }
    file.fingerprint = 0;
    file.rows = FileRows.open(input, options, schema, badRecords);
    if (demand != null) {
      file.rows.demand(demand);
    }
    if (!options.follow() || isGzip(file.path)) {
      input.complete();
    }
    if (place != null) {
      resume(file, input, place);
      restored.remove(file.path.toString());
    }
    return true;
  }

  private void resume(Followed file, FileInput input, FilesOffset.Place place) {
    boolean same = input.fingerprint((int) place.fingerprint()) == place.fingerprint();
    if (same && (isGzip(file.path) || input.size() >= place.offset())) {
      if (place.offset() > 0 && file.rows.readHeader()) {
        input.skipTo(place.offset(), place.line());
      }
      file.resumed = true;
    } else if (!options.follow()) {
      throw FileInput.changed(file.path);
    } else {
      LOG.warn("File \"{}\" was replaced since: reading it from its start.", file.path);
    }
  }

  private void close(Followed file, boolean done) {
    FileInput input = file.rows.input();
    bytesOfClosedFiles += input.rawPosition();
    file.done = done;
    file.offset = done ? input.offset() : 0;
    file.line = done ? input.line : 1;
    fingerprint(file);
    file.rows.close();
    file.rows = null;
  }

  private long openBytes() {
    long bytes = 0;
    for (Followed file : round) {
      bytes += file.rows == null ? 0 : file.rows.input().rawPosition();
    }
    return bytes;
  }

  @Override
  public byte[] offset() {
    Followed next = round.isEmpty() ? null : round.get(Math.min(turn, round.size() - 1));
    return offset(next, null);
  }

  @Override
  public byte[] offsetBefore() {
    if (given == null) {
      return offset();
    }
    long fingerprint = given.rows == null ? given.fingerprint : fingerprint(given);
    return offset(given, new FilesOffset.Place(givenOffset, givenLine, false, fingerprint));
  }

  /**
   * @param next the file that is read next
   * @param instead where it is said to stand, or null for where it stands
   */
  private byte[] offset(Followed next, FilesOffset.Place instead) {
    Map<String, FilesOffset.Place> places = new LinkedHashMap<>(restored);
    for (Followed file : round) {
      boolean said = file == next || options.follow(); // else its name says if it has been read
      FilesOffset.Place place =
          !said ? null : file == next && instead != null ? instead : place(file);
      if (place != null) {
        places.put(file.path.toString(), place);
      }
    }
    return FilesOffset.encode(next == null ? "" : next.path.toString(), places);
  }

  /** Where a file stands, null where that is its beginning or not looked at yet. */
  private static FilesOffset.Place place(Followed file) {
    if (file.rows != null) {
      FileInput input = file.rows.input();
      return new FilesOffset.Place(input.offset(), input.line, false, fingerprint(file));
    }
    return file.done ? new FilesOffset.Place(file.offset, file.line, true, file.fingerprint) : null;
  }

  /** Of an open file, whose first bytes do not change once there are so many. */
  private static long fingerprint(Followed file) {
    if ((int) file.fingerprint < FINGERPRINT_BYTES) {
      file.fingerprint = file.rows.input().fingerprint(FINGERPRINT_BYTES);
    }
    return file.fingerprint;
  }

  @Override
  public boolean seek(byte[] offset) {
    if (started) {
      throw new IllegalStateException("seek comes before the first read");
    }
    FilesOffset from = FilesOffset.decode(offset);
    restored = new HashMap<>(from.places());
    for (Map.Entry<String, FilesOffset.Place> entry : restored.entrySet()) {
      boolean known = files.containsKey(Path.of(entry.getKey()));
      if (!known && !entry.getValue().done() && !options.follow()) {
        throw FileInput.changed(Path.of(entry.getKey()));
      }
    }
    return from.next().isEmpty() || goTo(Path.of(from.next()));
  }

  /** Lets a file be the next one that is read; false where it is not the one that it was. */
  private boolean goTo(Path next) {
    if (!options.follow()) {
      while (turn < round.size() && round.get(turn).path.compareTo(next) < 0) {
        round.get(turn).done = true;
        turn++;
      }
    } else {
      turn = Math.max(0, round.indexOf(files.get(next)));
    }
    Followed file = files.get(next);
    FilesOffset.Place place = restored.get(next.toString());
    if (file == null || place == null || place.done()) {
      return file != null;
    }
    return open(file) && file.resumed;
  }

  @Override
  public String describe(byte[] offset) {
    return "file \"" + FilesOffset.decode(offset).next() + "\"";
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  public long bytesTotal() {
    return bytesTotal;
  }

  @Override
  public long skippedRecords() {
    return badRecords.skipped();
  }

  @Override
  public void close() {
    for (Followed file : round) {
      if (file.rows != null) {
        file.rows.close();
        file.rows = null;
      }
    }
  }
}
