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
  private long bytesOfClosedFiles;
  private volatile long bytesRead;
  private volatile long bytesTotal;

  /** One file and how far it was read. */
  private static final class Followed {
    final Path path;
    FileRows rows; // null while it is closed
    boolean done;
    long offset;
    long line = 1;
    long fingerprint;

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
    int before = into.rowCount();
    try {
      fill(into);
    } catch (LaminarException e) {
      failure = e;
      if (into.rowCount() == before) {
        throw e;
      }
    }
    bytesRead = bytesOfClosedFiles + openBytes();
    int rows = into.rowCount() - before;
    return rows > 0 || into.isFull() || options.follow() || failure != null || turn < round.size()
        ? rows
        : END;
  }

  private void fill(Batch into) {
    int idle = 0;
    enough = false;
    while (!into.isFull() && turn < round.size()) {
      Followed file = round.get(turn);
      boolean any = !file.done && readFrom(file, into);
      if (into.isFull() || enough) {
        return;
      }
      idle = any ? 0 : idle + 1;
      turn++;
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
    while (true) {
      if (file.rows == null && !open(file)) {
        return any;
      }
      FileInput input = file.rows.input();
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
    file.fingerprint = done ? input.fingerprint(FINGERPRINT_BYTES) : 0;
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
    Map<String, FilesOffset.Place> places = new LinkedHashMap<>(restored);
    for (Followed file : round) {
      if (file.rows != null) {
        FileInput input = file.rows.input();
        long fingerprint = input.fingerprint(FINGERPRINT_BYTES);
        places.put(
            file.path.toString(),
            new FilesOffset.Place(input.offset(), input.line, false, fingerprint));
      } else if (file.done) {
        places.put(
            file.path.toString(),
            new FilesOffset.Place(file.offset, file.line, true, file.fingerprint));
      }
    }
    return FilesOffset.encode(places);
  }

  @Override
  public void seek(byte[] offset) {
    if (started) {
      throw new IllegalStateException("seek comes before the first read");
    }
    restored = FilesOffset.decode(offset);
    for (Map.Entry<String, FilesOffset.Place> entry : restored.entrySet()) {
      boolean known = files.containsKey(Path.of(entry.getKey()));
      if (!known && !entry.getValue().done() && !options.follow()) {
        throw FileInput.changed(Path.of(entry.getKey()));
      }
    }
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
