package io.laminardb.storage.journal;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Goes through the records of one file, through a window that is read ahead. Closes the file. */
final class SegmentScanner implements AutoCloseable {
  /** What is at the place the scanner has come to. */
  enum Found {
    /** A record that is whole. */
    RECORD,
    /** The file ends. */
    END,
    /** Something that was not written to its end. */
    TORN,
    /** Something that was written whole and has been damaged since. */
    ROTTEN
  }

  private static final int WINDOW = 1 << 20;

  private final StorageFile file;
  private final long size;
  private final CRC32C crc = new CRC32C();
  private NativeBuffer window = new NativeBuffer(WINDOW);
  private ByteBuffer view = window.view();
  private long windowStart;
  private int windowBytes;
  private long offset = Segment.HEADER;
  private long expected;

  /**
   * @param firstPosition of the first record in it
   */
  SegmentScanner(StorageFile file, long firstPosition) throws IOException {
    this.file = file;
    this.expected = firstPosition;
    try {
      this.size = file.size();
    } catch (IOException | RuntimeException failed) {
      window.close();
      throw failed;
    }
  }

  /** The position of the record at this place. */
  long position() {
    return expected;
  }

  /** Where in the file this place is. */
  long offset() {
    return offset;
  }

  /** What is at this place. */
  Found look() throws IOException {
    if (offset >= size) {
      return Found.END;
    }
    if (size - offset < RecordFormat.HEADER) {
      return Found.TORN;
    }
    long address = have(RecordFormat.HEADER);
    if (!RecordFormat.isHeader(address)) {
      return RecordFormat.isTornHeader(address) ? Found.TORN : Found.ROTTEN;
    }
    if (RecordFormat.position(address) != expected) {
      return Found.ROTTEN;
    }
    int recordSize = RecordFormat.sizeOf(RecordFormat.length(address));
    if (size - offset < recordSize) {
      return Found.TORN;
    }
    address = have(recordSize);
    if (RecordFormat.isWhole(view, (int) (offset - windowStart), address, crc)) {
      return Found.RECORD;
    }
    return RecordFormat.isTorn(address, offset) ? Found.TORN : Found.ROTTEN;
  }

  /** The address of the payload of the record at this place; valid until the next call of any method. */
  long payload() {
    return address() + RecordFormat.HEADER;
  }

  int length() {
    return RecordFormat.length(address());
  }

  /** The position up to which all was durable when the record at this place was written. */
  long durable() {
    return RecordFormat.durable(address());
  }

  /** Goes behind the record at this place. */
  void skip() {
    offset += RecordFormat.sizeOf(length());
    expected++;
  }

  /**
   * Looks, behind a place where there is no record, for the next one that is whole, and goes there.
   *
   * @return whether there is one
   */
  boolean resume() throws IOException {
    for (offset += 8; size - offset >= RecordFormat.HEADER + RecordFormat.FOOTER; offset += 8) {
      long address = have(RecordFormat.HEADER);
      if (Memory.getLong(address) == 0 || !RecordFormat.isHeader(address)) {
        continue;
      }
      int recordSize = RecordFormat.sizeOf(RecordFormat.length(address));
      if (RecordFormat.position(address) > expected && recordSize <= size - offset) {
        address = have(recordSize);
        if (RecordFormat.isWhole(view, (int) (offset - windowStart), address, crc)) {
          expected = RecordFormat.position(address);
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    window.close();
    file.close();
  }

  private long address() {
    return window.address() + offset - windowStart;
  }

  /** Has {@code bytes} from the current place on in the window: the file is that long. */
  private long have(int bytes) throws IOException {
    if (offset < windowStart || offset + bytes > windowStart + windowBytes) {
      if (bytes > window.capacity()) {
        window.close();
        window = new NativeBuffer(Math.max(bytes, (int) Math.min(2L * bytes, size - offset)));
        view = window.view();
      }
      view.clear();
      windowStart = offset;
      windowBytes = file.read(view, offset);
      if (windowBytes < bytes) {
        throw new IOException("it became shorter while it was read");
      }
    }
    return address();
  }
}
