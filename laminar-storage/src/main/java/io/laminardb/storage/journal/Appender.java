package io.laminardb.storage.journal;

import com.lmax.disruptor.EventHandler;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes records to files: gathers and seals them and writes many with one call. On the writing thread.
 * After a failure it only frees what comes.
 */
final class Appender implements EventHandler<RecordBuffer.Slot>, AutoCloseable {
  /** Small enough to be in the cache still when the disk's cache is written to. */
  private static final int GATHERED_BYTES = 1 << 20;

  /** A larger record is rare, and its memory not kept. */
  private static final int MAX_KEPT_BYTES = 8 << 20;

  private final RecordBuffer buffer;
  private final SegmentFiles segments;
  private final Progress progress;
  private final Forcer forcer;
  private final long segmentBytes;
  private final CRC32C crc = new CRC32C();
  private NativeBuffer gathered = new NativeBuffer(GATHERED_BYTES);
  private ByteBuffer view = gathered.view();
  private int gatheredBytes; // sealed, and not written yet
  private StorageFile file;
  private long fileOffset;
  private long position;

  /**
   * @param file to go on with; it belongs to {@code segments}
   * @param fileOffset behind the last record in it
   */
  Appender(
      RecordBuffer buffer,
      SegmentFiles segments,
      Progress progress,
      Forcer forcer,
      long segmentBytes,
      StorageFile file,
      long fileOffset) {
    this.buffer = buffer;
    this.segments = segments;
    this.progress = progress;
    this.forcer = forcer;
    this.segmentBytes = segmentBytes;
    this.file = file;
    this.fileOffset = fileOffset;
    this.position = progress.appended();
  }

  @Override
  public void onEvent(RecordBuffer.Slot slot, long sequence, boolean endOfBatch) {
    if (progress.failure() != null) {
      buffer.release(slot);
      return;
    }
    try {
      try {
        append(slot);
      } finally {
        buffer.release(slot); // before anybody is told that it is durable
      }
      if (endOfBatch) {
        flush();
        forcer.pause();
      }
    } catch (IOException failed) {
      progress.fail(JournalErrors.cannotWrite(file.path(), failed));
    } catch (RuntimeException | Error failed) {
      progress.fail(
          new LaminarException(
              ErrorCode.INTERNAL_ERROR, "the journal cannot write: " + failed, failed));
    }
  }

  private void append(RecordBuffer.Slot slot) throws IOException {
    int size = RecordFormat.sizeOf(slot.maxLength());
    if (fileOffset + gatheredBytes + size > segmentBytes
        && fileOffset + gatheredBytes > Segment.HEADER) {
      flush();
      file = segments.begin(position + 1, progress.durable());
      fileOffset = Segment.HEADER;
    }
    reserve(size);
    long address = gathered.address() + gatheredBytes;
    int length = slot.write(address + RecordFormat.HEADER);
    position++;
    RecordFormat.seal(
        view.clear(),
        gatheredBytes,
        address,
        length,
        position,
        progress.durable(),
        fileOffset + gatheredBytes,
        crc);
    gatheredBytes += RecordFormat.sizeOf(length);
  }

  /** Has room for a record. */
  private void reserve(int size) throws IOException {
    int capacity = gathered.capacity();
    if (gatheredBytes + size > capacity) {
      flush();
    }
    if (size > capacity || capacity > MAX_KEPT_BYTES && gatheredBytes == 0) {
      gathered.close();
      gathered = new NativeBuffer(Math.max(size, GATHERED_BYTES));
      view = gathered.view();
    }
  }

  private void flush() throws IOException {
    if (gatheredBytes > 0) {
      int bytes = gatheredBytes;
      gatheredBytes = 0;
      file.write(view.clear().limit(bytes), fileOffset);
      fileOffset += bytes;
      progress.appended(position);
      forcer.appended(bytes);
    }
  }

  /** Frees its memory, once nobody calls it any more. */
  @Override
  public void close() {
    gathered.close();
  }
}
