package io.laminardb.storage.journal;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The journal as it is written. A record is copied once, by its maker, into a ring off the heap ({@link
 * RecordBuffer}), or handed over as what it is to be made of; a thread makes, gathers and seals the
 * records and writes many with one call ({@link Appender});
 * what was requested is forced together, however many asked ({@link Forcer}). A position counts as
 * durable only after the force of all files it depends on has succeeded. After the first failure of a
 * write or a force nothing is written, forced or acknowledged any more.
 */
public final class FileJournal implements Journal, AutoCloseable {
  /** So many records at most before what was written is given back and, if requested, forced. */
  private static final int BATCH = 1024;

  private final FileSystem files;
  private final Path directory;
  private final Progress progress;
  private final SegmentFiles segments;
  private final DurableMark mark;
  private final RecordBuffer buffer;
  private final RingBuffer<RecordBuffer.Slot> slots;
  private final Forcer forcer;
  private final Appender appender;
  private final Writer writer;
  private final long before;
  private long position;
  private boolean closed;

  /**
   * Goes on writing.
   *
   * @param segments all there are; each durable up to its end
   * @param position of the last record
   * @param offset behind the last record in the last segment; 0 to begin a new one
   * @param inline whether who asks for something writes and forces, instead of threads
   */
  FileJournal(
      FileSystem files,
      Path directory,
      StorageOptions options,
      List<Segment> segments,
      long position,
      long offset,
      boolean inline)
      throws IOException {
    this.files = files;
    this.directory = directory;
    this.before = position;
    this.position = position;
    this.progress = new Progress(position);
    this.segments = new SegmentFiles(files, directory, segments);
    this.mark = DurableMark.open(files, directory, position);
    try {
      StorageFile file =
          offset == 0 ? this.segments.begin(position + 1, position) : this.segments.openLast();
      long start = offset == 0 ? Segment.HEADER : offset;
      ParkingWaitStrategy waiting = new ParkingWaitStrategy();
      this.buffer = new RecordBuffer(options.bufferBytes(), waiting);
      this.slots = buffer.slots();
      this.forcer = new Forcer(this.segments, mark, progress, directory, inline);
      this.appender =
          new Appender(
              buffer, this.segments, progress, forcer, options.segmentBytes(), file, start);
      this.writer = inline ? new Inline(slots, appender) : new Threaded(slots, appender, waiting);
    } catch (IOException | RuntimeException failed) {
      this.segments.close();
      mark.close();
      throw failed;
    }
    forcer.start();
  }

  @Override
  public long claim(int length) {
    if (progress.failure() != null) {
      progress.check();
    }
    long address = buffer.claim(length);
    return address == FULL && writer.writes() ? buffer.claim(length) : address;
  }

  @Override
  public void commit() {
    commit(buffer.claimedLength());
  }

  @Override
  public void commit(int length) {
    buffer.commit(length);
    committed();
  }

  @Override
  public boolean offer(Deferred record) {
    if (progress.failure() != null) {
      progress.check();
    }
    boolean taken = buffer.offer(record) || writer.writes() && buffer.offer(record);
    if (taken) {
      committed();
    }
    return taken;
  }

  @Override
  public boolean isFilling() {
    return buffer.isFilling() && !writer.writes();
  }

  private void committed() {
    position++;
    if (buffer.isFilling()) {
      writer.wake();
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public long durable() {
    return progress.durable();
  }

  @Override
  public void request(long wanted) {
    if (progress.request(wanted)) {
      if (progress.appended() >= wanted) {
        forcer.wake();
      } else {
        writer.wake();
      }
    }
  }

  @Override
  public void await(long wanted) {
    if (wanted > before + slots.getCursor() + 1) {
      throw new IllegalArgumentException("position " + wanted + " was not committed");
    }
    request(wanted);
    progress.await(wanted);
  }

  @Override
  public LaminarException failure() {
    return progress.failure();
  }

  @Override
  public void onDurable(Runnable action) {
    progress.onChange(action);
  }

  /** The position of the oldest record that is kept; any thread. */
  public long firstPosition() {
    return segments.firstPosition();
  }

  /**
   * Removes the files of which all records are before {@code position} and were written before {@code
   * time}. Any thread, one at a time.
   *
   * @throws LaminarException IO_ERROR where a file cannot be removed; the journal goes on
   */
  public void removeBefore(long wanted, Instant time) {
    try {
      segments.removeBefore(wanted, time);
    } catch (IOException failed) {
      throw JournalErrors.cannotWrite(directory, failed);
    }
  }

  /**
   * Reads what is durable now, beside writing. Records that are removed meanwhile may be missed with an
   * IO_ERROR. The caller closes the reader.
   *
   * @param behind the records behind this position; 0 for all
   */
  public JournalReader read(long behind) {
    return JournalDirectory.read(
        files,
        directory,
        segments.all(),
        behind,
        progress.durable(),
        progress.durable(),
        passedOver -> {},
        end -> {
          if (end.damage() != null) {
            throw end.damage();
          }
        });
  }

  /**
   * Puts a copy of what is durable into another directory, where there is none: whole files by a second
   * name, the last one as a copy of its bytes. Durable when this returns. Not beside {@link
   * #removeBefore}.
   *
   * @return the last position in it
   */
  public long backup(Path target) {
    long durable = progress.durable();
    try {
      JournalBackup.write(files, segments.all(), durable, target);
      return durable;
    } catch (IOException failed) {
      throw new LaminarException(
          ErrorCode.IO_ERROR,
          "the journal cannot be copied to " + target + ": " + failed.getMessage(),
          failed);
    }
  }

  /**
   * Makes durable what was committed, unless writing has failed, and ends. No other thread may commit
   * meanwhile. Again: does nothing.
   *
   * @throws LaminarException IO_ERROR where not everything became durable; it is closed all the same
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    LaminarException failure = null;
    try {
      await(before + slots.getCursor() + 1);
    } catch (LaminarException failed) {
      failure = failed;
    }
    progress.fail(new LaminarException(ErrorCode.CLOSED, "the database is closed."));
    writer.close();
    forcer.close();
    appender.close();
    buffer.close();
    try (mark;
        segments) {
      if (failure == null) {
        mark.force();
      }
    } catch (IOException failed) {
      failure = failure == null ? JournalErrors.cannotWrite(directory, failed) : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Has the appender take what was committed. */
  private interface Writer extends AutoCloseable {
    /** Has it write soon. */
    void wake();

    /** Writes now, where the caller is the one that writes; answers whether that is so. */
    boolean writes();

    @Override
    void close();
  }

  /** Writes on a thread of its own. */
  private static final class Threaded implements Writer {
    private final ParkingWaitStrategy waiting;
    private final BatchEventProcessor<RecordBuffer.Slot> processor;
    private final Thread thread;

    Threaded(RingBuffer<RecordBuffer.Slot> slots, Appender appender, ParkingWaitStrategy waiting) {
      this.waiting = waiting;
      this.processor =
          new BatchEventProcessorBuilder()
              .setMaxBatchSize(BATCH)
              .build(slots, slots.newBarrier(), appender);
      slots.addGatingSequences(processor.getSequence());
      this.thread = new Thread(processor, "laminar-journal");
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    public void wake() {
      waiting.wake();
    }

    @Override
    public boolean writes() {
      return false;
    }

    @Override
    public void close() {
      processor.halt();
      waiting.wake();
      Threads.join(thread);
    }
  }

  /** Writes on the thread of the caller. */
  private static final class Inline implements Writer {
    private final EventPoller<RecordBuffer.Slot> poller;
    private final EventPoller.Handler<RecordBuffer.Slot> handler;

    Inline(RingBuffer<RecordBuffer.Slot> slots, Appender appender) {
      this.poller = slots.newPoller();
      this.handler =
          (slot, sequence, endOfBatch) -> {
            appender.onEvent(slot, sequence, endOfBatch);
            return true;
          };
      slots.addGatingSequences(poller.getSequence());
    }

    @Override
    public void wake() {
      writes();
    }

    @Override
    public synchronized boolean writes() {
      try {
        poller.poll(handler);
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible); // the handler throws none
      }
      return true;
    }

    @Override
    public void close() {
      // nothing runs
    }
  }
}
