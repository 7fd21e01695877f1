package io.laminardb.storage;

import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.CheckpointDirectory;
import io.laminardb.storage.checkpoint.Checkpoints;
import io.laminardb.storage.journal.JournalDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A directory that is only read. */
final class DirectoryHistory implements History {
  private final Path directory;
  private final Checkpoints checkpoints;
  private final JournalDirectory journals;
  private final AutoCloseable lock;
  private boolean closed;

  /**
   * @param lock keeps writers out, or null where the caller does; closed by this, also when it fails
   */
  DirectoryHistory(Medium medium, Path directory, AutoCloseable lock) {
    this.directory = directory;
    this.lock = lock;
    Checkpoints found = null;
    boolean opened = false;
    try {
      found = new Checkpoints(medium.files(), directory, medium.parts());
      journals =
          JournalDirectory.open(
              medium.files(), directory.resolve(DirectoryStorage.JOURNAL), StorageOptions.DEFAULT);
      checkpoints = found;
      opened = true;
    } catch (IOException e) {
      throw StorageErrors.io("read", directory, e);
    } finally {
      if (!opened) {
        Closing.all(found, lock);
      }
    }
  }

  @Override
  public List<CheckpointInfo> checkpoints() {
    return checkpoints.infos();
  }

  @Override
  public Checkpoint checkpoint(long id) {
    for (CheckpointDirectory each : checkpoints.found()) {
      if (each.id() == id) {
        checkpoints.release();
        return checkpoints.verify(each);
      }
    }
    throw new LaminarException(
        ErrorCode.STATE_CORRUPT, "\"" + directory + "\" has no checkpoint " + id + ".");
  }

  @Override
  public long firstPosition() {
    return journals.firstPosition();
  }

  @Override
  public JournalReader read(long position) {
    return journals.read(position);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Closing.all(journals::close, checkpoints, lock);
    }
  }
}
