package io.laminardb.storage.journal;

import com.lmax.disruptor.EventHandler;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes records to files: seals those that lie one behind the other in the ring and writes them with
 * one call. On the writing thread. After a failure it only frees what comes.
 */
final class Appender implements EventHandler<RecordBuffer.Slot> {
  private static final int MAX_WRITE = 1 << 20;

  private final RecordBuffer buffer;
  private final SegmentFiles segments;
  private final Progress progress;
  private final Forcer forcer;
  private final long segmentBytes;
  private final ByteBuffer ringView;
  private final CRC32C crc = new CRC32C();
  private StorageFile file;
  private long fileOffset;
  private long position;

  // The run of records that were sealed and not written yet.
  private int runStart;
  private int runEnd;
  private long runRelease;

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
    this.ringView = buffer.ring().view();
    this.file = file;
    this.fileOffset = fileOffset;
    this.position = progress.appended();
  }

  @Override
  public void onEvent(RecordBuffer.Slot slot, long sequence, boolean endOfBatch) {
    NativeBuffer memory = slot.memory;
    slot.memory = null;
    if (progress.failure() == null) {
      try {
        append(slot, memory, endOfBatch);
      } catch (IOException failed) {
        progress.fail(JournalErrors.cannotWrite(file.path(), failed));
      } catch (RuntimeException | Error failed) {
        progress.fail(
            new LaminarException(
                ErrorCode.INTERNAL_ERROR, "the journal cannot write: " + failed, failed));
      }
    }
    buffer.free(memory);
    if (progress.failure() != null) {
      buffer.release(slot.end);
    }
  }

  private void append(RecordBuffer.Slot slot, NativeBuffer memory, boolean endOfBatch)
      throws IOException {
    int size = RecordFormat.sizeOf(slot.length);
    boolean own = memory != buffer.ring();
    int pending = runEnd - runStart;
    if (pending > 0 && (own || slot.offset != runEnd || pending + size > MAX_WRITE)) {
      flush();
      pending = 0;
    }
    if (fileOffset + pending + size > segmentBytes && fileOffset + pending > Segment.HEADER) {
      flush();
      file = segments.begin(position + 1, progress.durable());
      fileOffset = Segment.HEADER;
      pending = 0;
    }
    ByteBuffer view = own ? memory.view() : ringView;
    position++;
    RecordFormat.seal(
        view.clear(),
        slot.offset,
        memory.address() + slot.offset,
        slot.length,
        position,
        progress.durable(),
        fileOffset + pending,
        crc);
    runRelease = slot.end;
    if (own) {
      write(view.clear());
    } else {
      runStart = pending == 0 ? slot.offset : runStart;
      runEnd = slot.offset + size;
    }
    if (endOfBatch) {
      flush();
      forcer.pause();
    }
  }

  private void flush() throws IOException {
    if (runEnd > runStart) {
      ringView.clear().limit(runEnd).position(runStart);
      runStart = runEnd;
      write(ringView);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    file.write(bytes, fileOffset);
    fileOffset += length;
    buffer.release(runRelease);
    progress.appended(position);
    forcer.appended(length);
  }
}
