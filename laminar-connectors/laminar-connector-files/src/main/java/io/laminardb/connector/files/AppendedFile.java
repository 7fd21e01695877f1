package io.laminardb.connector.files;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.connector.TransactionalWriter;
import io.laminardb.core.file.UninterruptedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file that grows by transactions. The rows of one are staged in {@code <path>.<number>.part}; a commit
 * copies what is missing of them behind the length that the file had, forces it to disk, and removes the
 * staged file. So it may be cut off anywhere and be done again: while the staged file is there, the
 * commit is not known to be whole; when it is gone, it was.
 *
 * <p>A checkpoint older than the last one committed may be gone back to. The file then has rows behind
 * what that names, which come again, the same to the last byte: those are left out, as long as they
 * are the same. Compressed bytes depend on where transactions ended, so there they are not told.
 */
final class AppendedFile implements TransactionalWriter {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final SinkOptions options;
  private final Path target;
  private final StagedRows rows;
  private final Deque<Transaction> waiting = new ArrayDeque<>(); // for their commit
  private long number;
  private Path staged; // of the transaction under way, null while it has no rows
  private UninterruptedFile there; // rows that were committed and may come again; or null
  private long committed = -1; // length that the last transaction recovered left, -1 for none

  AppendedFile(SinkOptions options, Schema schema) {
    this.options = options;
    this.target = options.path();
    this.rows = new StagedRows(options, schema);
    StagedRows.makeDirectory(target);
  }

  private Path staged(long of) {
    return target.resolveSibling(target.getFileName() + "." + of + FilesWriter.STAGED);
  }

  /** Where the rows of the transaction under way will begin. */
  private long base() {
    return waiting.isEmpty() ? Math.max(0, StagedRows.size(target)) : waiting.getLast().end();
  }

  @Override
  public void begin() {
    number++;
    staged = null;
  }

  @Override
  public void write(Batch batch, int from, int to) {
    for (int row = from; row < to; row++) {
      if (there == null || !isThere(batch, row)) {
        if (staged == null) {
          open();
        }
        rows.write(batch, row);
      }
    }
  }

  private void open() {
    staged = staged(number);
    rows.open(staged, 0);
    long base = base();
    if (base == 0 && options.header()) {
      rows.header();
    } else if (base > 0 && waiting.isEmpty() && !options.gzip() && !endsLine(base)) {
      rows.lineEnd();
    }
  }

  private boolean endsLine(long size) {
    try (UninterruptedFile file = UninterruptedFile.open(target)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return file.read(last, size - 1) < 1 || last.get(0) == '\n';
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be read", e);
    }
  }

  @Override
  public void flush() {
    if (rows.isOpen()) {
      rows.drain();
    }
  }

  @Override
  public byte[] preCommit() {
    long length = 0;
    if (staged != null) {
      length = rows.force();
      rows.close();
      StagedRows.forceDirectory(staged);
    }
    Transaction transaction = new Transaction(number, base(), length, false);
    waiting.add(transaction);
    return transaction.toBytes();
  }

  @Override
  public void commit(byte[] bytes) {
    Transaction transaction = Transaction.of(bytes);
    append(transaction, StagedRows.size(target));
    waiting.removeIf(each -> each.number() <= transaction.number());
  }

  @Override
  public void recoverCommit(byte[] bytes) {
    Transaction transaction = Transaction.of(bytes);
    append(transaction, transaction.base());
    number = transaction.number();
    committed = transaction.end();
  }

  /**
   * Appends what is missing of a transaction's rows.
   *
   * @param from where they begin, or would: a file that has become shorter has other rows
   */
  private void append(Transaction transaction, long from) {
    Path source = staged(transaction.number());
    if (transaction.length() == 0 || !Files.exists(source)) {
      return;
    }
    try (UninterruptedFile in = UninterruptedFile.open(source);
        UninterruptedFile out =
            UninterruptedFile.open(
                target,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      long base = Math.max(0, Math.min(from, out.size()));
      long done = same(in, out, base);
      out.position(base + done);
      while (done < transaction.length()) {
        long count = in.transferTo(done, transaction.length() - done, out);
        if (count <= 0) {
          throw FileInput.changed(source);
        }
        done += count;
      }
      out.force(true);
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be written", e);
    }
    StagedRows.forceDirectory(target);
    StagedRows.delete(source);
    StagedRows.forceDirectory(target);
  }

  /** How many bytes of a staged file stand in the target from a place on. */
  private static long same(UninterruptedFile in, UninterruptedFile out, long base)
      throws IOException {
    ByteBuffer wanted = ByteBuffer.allocate(CHUNK_BYTES);
    ByteBuffer found = ByteBuffer.allocate(CHUNK_BYTES);
    long same = 0;
    while (true) {
      wanted.clear();
      found.clear();
      int count = Math.min(in.read(wanted, same), out.read(found, base + same));
      int differs =
          count <= 0 ? -1 : Arrays.mismatch(wanted.array(), 0, count, found.array(), 0, count);
      if (count <= 0 || differs >= 0) {
        return same + Math.max(0, differs);
      }
      same += count;
    }
  }

  /** Discards all that is staged; then looks whether more was committed than is known. */
  @Override
  public void abort() {
    rows.close();
    waiting.clear();
    staged = null;
    for (Path left : leftovers()) {
      StagedRows.delete(left);
    }
    if (committed >= 0 && !options.gzip() && StagedRows.size(target) > committed) {
      try {
        there = UninterruptedFile.open(target);
        there.position(committed);
      } catch (IOException e) {
        throw FileInput.failure(target, "cannot be read", e);
      }
    }
    committed = -1;
  }

  private List<Path> leftovers() {
    String before = target.getFileName() + ".";
    try (Stream<Path> files = Files.list(StagedRows.directory(target))) {
      return files.filter(file -> isStaged(file.getFileName().toString(), before)).toList();
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be written", e);
    }
  }

  private static boolean isStaged(String name, String before) {
    int end = name.length() - FilesWriter.STAGED.length();
    return name.startsWith(before)
        && name.endsWith(FilesWriter.STAGED)
        && end > before.length()
        && name.substring(before.length(), end).chars().allMatch(Character::isDigit);
  }

  /** Whether a row is the one that was committed at this place; if not, none that follows is. */
  private boolean isThere(Batch batch, int row) {
    TextWriter wanted = rows.bytesOf(batch, row);
    ByteBuffer found = ByteBuffer.allocate(wanted.length());
    try {
      while (found.hasRemaining() && there.read(found) > 0) {
        // until it is full, or the file ends
      }
      boolean same =
          !found.hasRemaining()
              && Arrays.mismatch(
                      wanted.bytes(), 0, wanted.length(), found.array(), 0, wanted.length())
                  < 0;
      rows.forget();
      boolean half =
          found.hasRemaining()
              && Arrays.equals(
                  wanted.bytes(), 0, found.position(), found.array(), 0, found.position());
      if (half) {
        cutRow(there.position() - found.position());
      }
      if (!same || there.position() == there.size()) {
        closeThere();
      }
      return same;
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be read", e);
    }
  }

  /** A commit of which the checkpoint knows nothing was cut off: half a row is none. */
  private void cutRow(long start) throws IOException {
    try (UninterruptedFile file = UninterruptedFile.open(target, StandardOpenOption.WRITE)) {
      file.truncate(start);
      file.force(true);
    }
  }

  private void closeThere() throws IOException {
    if (there != null) {
      there.close();
      there = null;
    }
  }

  @Override
  public void finish() {
    flush(); // its rows are shown with every commit
  }

  @Override
  public void close() {
    rows.close();
    try {
      closeThere();
    } catch (IOException e) {
      throw FileInput.failure(target, "cannot be closed", e);
    }
  }
}
