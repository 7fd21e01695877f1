package io.laminardb.storage;

import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.durable.StorageReport.Damage;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.checkpoint.CheckpointDirectory;
import io.laminardb.storage.checkpoint.Checkpoints;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.journal.JournalDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads every byte of a directory that nobody has open. Changes nothing. */
final class DirectoryCheck {
  private final Medium medium;
  private final Path directory;
  private final List<CheckpointInfo> whole = new ArrayList<>();
  private final List<Damage> damage = new ArrayList<>();
  private long fileCount;
  private long bytes;

  DirectoryCheck(Medium medium, Path directory) {
    this.medium = medium;
    this.directory = directory;
  }

  StorageReport report() {
    FileSystem files = medium.files();
    try (Checkpoints checkpoints = new Checkpoints(files, directory, medium.parts())) {
      for (CheckpointDirectory each : checkpoints.found()) {
        check(checkpoints, each);
      }
      JournalDirectory journals =
          JournalDirectory.open(
              files, directory.resolve(DirectoryStorage.JOURNAL), StorageOptions.DEFAULT);
      long last = checkJournal(journals);
      Recovery recovery = Recovery.of(checkpoints, journals);
      return new StorageReport(
          whole,
          journals.firstPosition(),
          last,
          fileCount,
          bytes,
          damage,
          loss(recovery, journals));
    } catch (IOException e) {
      throw StorageErrors.io("check", directory, e);
    }
  }

  /** Reads all records; answers the position of the last one before the first damage. */
  private long checkJournal(JournalDirectory journals) throws IOException {
    Path path = directory.resolve(DirectoryStorage.JOURNAL);
    for (String name : medium.files().list(path)) {
      fileCount++;
      bytes += medium.files().size(path.resolve(name));
    }
    long last = journals.firstPosition() - 1;
    try (JournalReader reader = journals.read(0)) {
      while (reader.next()) {
        last = reader.position();
      }
    } catch (LaminarException e) {
      damage.add(new Damage(DirectoryStorage.JOURNAL, "is damaged: " + e.problem()));
    }
    return last;
  }

  /** Why opening would be refused, or null. */
  private static String loss(Recovery recovery, JournalDirectory journals) {
    if (recovery.loss() != null) {
      return recovery.loss();
    }
    try (JournalReader reader = journals.read(recovery.position())) {
      while (reader.next()) {
        // only whether it comes to its end
      }
      return null;
    } catch (LaminarException e) {
      return e.problem();
    }
  }

  private void check(Checkpoints checkpoints, CheckpointDirectory each) {
    fileCount += each.fileCount();
    bytes += each.sizeBytes();
    List<Damage> found = each.checkContents();
    damage.addAll(found);
    if (found.isEmpty()) {
      try {
        checkpoints.verify(each);
        whole.add(each.info());
      } catch (LaminarException e) {
        damage.add(
            new Damage(
                directory.relativize(each.path()).toString(), "has bad parts: " + e.problem()));
      } finally {
        checkpoints.release();
      }
    }
  }
}
