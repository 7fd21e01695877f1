package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.TransactionalWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.file.UninterruptedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is replaced all at once, when its stream has ended or the database is closed. Until then all
 * transactions grow {@code <path>.part}: one is how long that was. So a commit that does not show the file
 * has nothing to do, and what was not committed is cut off when the database is opened. Where rows come
 * after the file was shown, the staged one is copied from it first.
 */
final class ReplacedFile implements TransactionalWriter {
  private final SinkOptions options;
  private final Path target;
  private final Path staged;
  private final StagedRows rows;
  private long number;
  private long length; // of what was pre-committed
  private boolean shows; // the transaction under way
  private boolean dirty; // it has rows

  ReplacedFile(SinkOptions options, Schema schema) {
    this.options = options;
    this.target = options.path();
    this.staged = target.resolveSibling(target.getFileName() + FilesWriter.STAGED);
    this.rows = new StagedRows(options, schema);
    StagedRows.makeDirectory(target);
  }

  @Override
  public void begin() {
    number++;
  }

  @Override
  public void write(Batch batch, int from, int to) {
    open();
    dirty = true;
    shows = false;
    for (int row = from; row < to; row++) {
      rows.write(batch, row);
    }
  }

  private void open() {
    if (rows.isOpen()) {
      return;
    }
    if (length > 0 && !Files.exists(staged)) {
      copyTarget();
    }
    rows.open(staged, length);
    if (length == 0 && options.header()) {
      rows.header();
    }
  }

  private void copyTarget() {
    try (UninterruptedFile in = UninterruptedFile.open(target);
        UninterruptedFile out =
            UninterruptedFile.open(staged, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long done = 0; done < length; ) {
        long count = in.transferTo(done, length - done, out);
        if (count <= 0) {
          throw FileInput.changed(target);
        }
        done += count;
      }
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be copied", e);
    }
  }

  @Override
  public void flush() {
    if (rows.isOpen()) {
      rows.drain();
    }
  }

  @Override
  public void finish() {
    if (rows.isOpen() || length == 0 || Files.exists(staged)) {
      open();
      shows = true;
    } // else it was shown before, and nothing has come since
  }

  @Override
  public byte[] preCommit() {
    long before = length;
    if (rows.isOpen()) {
      length = rows.force();
      StagedRows.forceDirectory(staged);
    }
    dirty = false;
    return new Transaction(number, before, length - before, shows).toBytes();
  }

  @Override
  public void commit(byte[] bytes) {
    Transaction transaction = Transaction.of(bytes);
    boolean isLast = transaction.end() == length && !dirty; // else a later one shows more
    if (transaction.shows() && isLast) {
      if (!rows.isOpen()) {
        rows.open(staged, transaction.end());
      }
      rows.truncate(transaction.end());
      rows.close();
      try {
        Files.move(
            staged, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw FileInput.failure(target, "cannot be replaced", e);
      }
      StagedRows.forceDirectory(target);
      shows = false;
    }
  }

  @Override
  public void recoverCommit(byte[] bytes) {
    Transaction transaction = Transaction.of(bytes);
    number = transaction.number();
    length = transaction.end();
    if (StagedRows.size(staged) >= length) {
      commit(bytes);
    } else if (StagedRows.size(target) < length) {
      throw new LaminarException(
              ErrorCode.IO_ERROR,
              "file \"" + target + "\" has lost rows that were written to it, or is gone.")
          .mend("Put it back, or open the database without it: DROP the sink and create it anew.");
    } else {
      StagedRows.delete(staged); // it was being copied from what was shown
    }
  }

  @Override
  public void abort() {
    rows.close();
    if (length == 0) {
      StagedRows.delete(staged);
    } else if (Files.exists(staged)) {
      rows.open(staged, length);
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
