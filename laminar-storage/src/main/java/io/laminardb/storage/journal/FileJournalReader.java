package io.laminardb.storage.journal;

import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.NativeBuffer;
import java.io.IOException;
import java.util.function.Consumer;

/** Reads one record ahead, each into memory of its own. */
final class FileJournalReader implements JournalReader {
  private final JournalScanner scanner;
  private final long until;
  private final Consumer<JournalScanner.End> atEnd;
  private Frame current = new Frame();
  private Frame following = new Frame();
  private boolean ahead;
  private boolean ended;
  private boolean closed;

  /**
   * @param scanner at the first record wanted; closed with this
   * @param until the last position to read
   * @param atEnd is told where the journal ends, before damage is reported; decides on it
   */
  FileJournalReader(JournalScanner scanner, long until, Consumer<JournalScanner.End> atEnd) {
    this.scanner = scanner;
    this.until = until;
    this.atEnd = atEnd;
  }

  @Override
  public boolean next() {
    if (!hasNext()) {
      return false;
    }
    Frame recycled = current;
    current = following;
    following = recycled;
    ahead = false;
    return true;
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (!ahead && !ended && scanner.position() <= until && look()) {
      following.take(scanner.record());
      scanner.skip();
      ahead = true;
    }
    return ahead;
  }

  @Override
  public long position() {
    return current.position;
  }

  @Override
  public long address() {
    return current.memory.address();
  }

  @Override
  public int length() {
    return current.length;
  }

  @Override
  public long nextAddress() {
    return following.memory.address();
  }

  @Override
  public int nextLength() {
    return following.length;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    current.memory.close();
    following.memory.close();
    try {
      scanner.close();
    } catch (IOException failed) {
      throw JournalErrors.cannotRead(scanner.path(), failed);
    }
  }

  private boolean look() {
    try {
      if (scanner.look()) {
        return true;
      }
    } catch (IOException failed) {
      throw JournalErrors.cannotRead(scanner.path(), failed);
    }
    if (!ended) {
      atEnd.accept(scanner.end());
      ended = true;
    }
    return false;
  }

  private static final class Frame {
    private NativeBuffer memory = new NativeBuffer(4096);
    private long position;
    private int length;

    void take(SegmentScanner record) {
      position = record.position();
      length = record.length();
      if (length > memory.capacity()) {
        int capacity =
            (int) Math.min(RecordFormat.MAX_LENGTH, Math.max(2L * memory.capacity(), length));
        memory.close();
        memory = new NativeBuffer(capacity);
      }
      Memory.copy(record.payload(), memory.address(), length);
    }
  }
}
