package io.laminardb.storage;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.CheckpointDirectory;
import io.laminardb.storage.checkpoint.Checkpoints;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.journal.FileJournal;
import io.laminardb.storage.journal.JournalDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A database's directory:
 *
 * <pre>
 * LOCK                      who has it open
 * journal/                  what was taken in, in segments
 * checkpoints/0000000007/   files of RocksDB, and MANIFEST, which makes them a checkpoint
 * parts/                    the RocksDB that checkpoints are made of; worth nothing after a crash
 * spill/                    state that memory had no room for; worth nothing after a crash
 * lost/1/                   what was put aside when a loss was accepted
 * </pre>
 */
public final class DirectoryStorage implements Storage {
  static final String JOURNAL = "journal";
  static final String SPILL = "spill";

  private final Medium medium;
  private final Path directory;
  private final StorageOptions options;
  private final AutoCloseable lock;
  private final Checkpoints checkpoints;
  private final JournalDirectory journals;
  private final List<String> warnings = new ArrayList<>();
  private final Recovery recovery;
  private FileJournal journal;
  private boolean closed;

  private DirectoryStorage(
      Medium medium,
      Path directory,
      StorageOptions options,
      AutoCloseable lock,
      Checkpoints checkpoints,
      JournalDirectory journals,
      Recovery recovery) {
    this.medium = medium;
    this.directory = directory;
    this.options = options;
    this.lock = lock;
    this.checkpoints = checkpoints;
    this.journals = journals;
    this.recovery = recovery;
    this.warnings.addAll(recovery.warnings());
  }

  /**
   * Opens a directory that is there.
   *
   * @param lock is held; closed by this, also when it fails
   */
  static DirectoryStorage open(
      Medium medium, Path directory, StorageOptions options, AutoCloseable lock) {
    requireNonNull(options, "options");
    FileSystem files = medium.files();
    Checkpoints checkpoints = null;
    JournalDirectory journals = null;
    DirectoryStorage opened = null;
    try {
      checkpoints = new Checkpoints(files, directory, medium.parts());
      journals = JournalDirectory.open(files, directory.resolve(JOURNAL), options);
      Recovery recovery = Recovery.of(checkpoints, journals);
      if (recovery.loss() != null) {
        if (!options.acceptLoss()) {
          throw recovery.refusal(directory);
        }
        putAside(files, directory, recovery);
        journals = JournalDirectory.open(files, directory.resolve(JOURNAL), options);
      } else {
        for (CheckpointDirectory each : recovery.damaged()) {
          each.putAside();
        }
      }
      opened =
          new DirectoryStorage(medium, directory, options, lock, checkpoints, journals, recovery);
      return opened;
    } catch (IOException e) {
      throw StorageErrors.io("open", directory, e);
    } finally {
      if (opened == null) {
        Closing.all(journals == null ? null : journals::close, checkpoints, lock);
      }
    }
  }

  /** Moves what cannot be used out of the way, so that it does not count the next time. */
  private static void putAside(FileSystem files, Path directory, Recovery recovery)
      throws IOException {
    LostFiles lost = new LostFiles(files, directory);
    for (CheckpointDirectory each : recovery.damaged()) {
      lost.moveAll(each.path());
    }
    if (!recovery.connects()) {
      lost.moveAll(directory.resolve(JOURNAL));
    }
    recovery
        .warnings()
        .add(recovery.loss() + "; what is damaged was moved to " + lost.path() + ".");
  }

  @Override
  public synchronized Checkpoint checkpoint() {
    return recovery.checkpoint();
  }

  @Override
  public synchronized List<String> warnings() {
    List<String> all = new ArrayList<>(warnings);
    all.addAll(journals.warnings());
    return all;
  }

  @Override
  public synchronized JournalReader read(long position) {
    return journals.read(position);
  }

  @Override
  public synchronized Journal journal() {
    if (journal == null) {
      requireOpen();
      checkpoints.release();
      long position = recovery.position();
      journal = medium.inline() ? journals.inlineJournal(position) : journals.journal(position);
    }
    return journal;
  }

  @Override
  public synchronized CheckpointInfo write(CheckpointState state) {
    requireWriting();
    CheckpointInfo info = checkpoints.write(state, () -> journal.await(state.position()));
    removeOld();
    return info;
  }

  /** What cannot be removed now costs room, and nothing else: it is tried again the next time. */
  private void removeOld() {
    try {
      long position = checkpoints.retain(options.keptCheckpoints(), options.retainHistory());
      journal.removeBefore(position + 1, Instant.now().minus(options.retainHistory()));
    } catch (IOException | LaminarException e) {
      warnings.add("what is not needed any more cannot be removed: " + e.getMessage());
    }
  }

  @Override
  public synchronized List<CheckpointInfo> checkpoints() {
    return checkpoints.infos();
  }

  @Override
  public synchronized BackupInfo backup(Path target) {
    requireWriting();
    return new Backup(medium.files(), directory, target).write(checkpoints.newest(), journal);
  }

  @Override
  public synchronized SpillStore spill() {
    requireOpen();
    return medium.spill().apply(directory.resolve(SPILL));
  }

  @Override
  public synchronized History history() {
    requireOpen();
    return new DirectoryHistory(medium, directory, null);
  }

  @Override
  public synchronized long nativeBytes() {
    return checkpoints.nativeBytes();
  }

  private void requireWriting() {
    requireOpen();
    if (journal == null) {
      throw new IllegalStateException("journal() was not called");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, "\"" + directory + "\" was closed.");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Closing.all(journals::close, journal, checkpoints, lock);
    }
  }
}
