package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeArena;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The checkpoints of one directory. A checkpoint has a directory of its own, and counts from the moment
 * that is renamed to the checkpoint's number; before, its files, and last its manifest, have been forced
 * to disk. What changed since the last one
 * is known by the digest of each part, and only that is written. One thread at a time.
 */
public final class Checkpoints implements AutoCloseable {
  private static final String DIRECTORY = "checkpoints";
  private static final String LIVE = "parts";

  /** By how many checkpoints history is divided, about. */
  private static final int HISTORY_CHECKPOINTS = 8;

  private final FileSystem files;
  private final Path checkpoints;
  private final Path live;
  private final PartStore.Kind kind;
  private final List<CheckpointDirectory> found;

  /** Those that are whole as far as is known, oldest first. */
  private final List<CheckpointDirectory> good = new ArrayList<>();

  private CheckpointReader base;
  private SortedMap<String, StoredPart> parts = new TreeMap<>();
  private Digest sum = Digest.ZERO;
  private PartStore store;
  private final NativeArena merging = new NativeArena();
  private boolean isWriter; // the live parts are ours
  private long lastId;

  /**
   * Looks at what is there.
   *
   * @param directory of the database
   * @throws IOException where it cannot be listed
   */
  public Checkpoints(FileSystem files, Path directory, PartStore.Kind kind) throws IOException {
    this.files = files;
    this.checkpoints = directory.resolve(DIRECTORY);
    this.live = directory.resolve(LIVE);
    this.kind = kind;
    this.found = CheckpointDirectory.list(files, checkpoints);
    for (CheckpointDirectory each : found) {
      lastId = each.id();
      if (each.hasManifest()) {
        good.add(each);
      }
    }
    if (!good.isEmpty()) {
      kind.prepare();
    }
  }

  /** What was found, oldest first, whole or not. */
  public List<CheckpointDirectory> found() {
    return List.copyOf(found);
  }

  /** What is known of those that are kept, oldest first. */
  public List<CheckpointInfo> infos() {
    return good.stream().map(CheckpointDirectory::info).toList();
  }

  /** The newest checkpoint that is kept, or null. */
  public CheckpointDirectory newest() {
    return good.isEmpty() ? null : good.get(good.size() - 1);
  }

  /**
   * Reads a checkpoint and verifies all of it; the next one to be written is built upon it. The caller
   * does not close what it gets: {@link #release} does.
   *
   * @throws LaminarException where it is not whole; its problem is a part of a sentence
   */
  public CheckpointReader verify(CheckpointDirectory directory) {
    kind.await();
    try {
      base = CheckpointReader.open(kind, directory);
    } catch (LaminarException e) {
      good.remove(directory);
      throw e;
    }
    parts = base.stored();
    sum = directory.manifest().digest();
    return base;
  }

  /** As {@link #verify}, of one that was found damaged: its manifest is read again, too. */
  public CheckpointReader verifyAgain(CheckpointDirectory directory) {
    directory.readManifest();
    if (directory.hasManifest() && !good.contains(directory)) {
      good.add(directory);
      good.sort(Comparator.comparingLong(CheckpointDirectory::id));
    }
    return verify(directory);
  }

  /** Bytes off the heap that writing takes. */
  public long nativeBytes() {
    return merging.bytes() + (store == null ? 0 : store.nativeBytes());
  }

  /** Ends reading of the checkpoint that was verified. */
  public void release() {
    if (base != null) {
      base.close();
    }
  }

  /**
   * Writes a checkpoint; durable when this returns. After a failure the next one is written from the last
   * one that is whole, into files of its own: nothing counts of what was written since.
   *
   * @param beforeManifest what must have happened before it counts
   * @throws LaminarException IO_ERROR where that failed
   */
  public CheckpointInfo write(CheckpointState state, Runnable beforeManifest) {
    boolean written = false;
    try {
      open();
      NextParts next = new NextParts(store, parts, sum, merging);
      next.write(state);
      Path directory = CheckpointDirectory.coming(checkpoints, ++lastId);
      store.save(directory);
      List<Manifest.SavedFile> saved = force(directory);
      beforeManifest.run();
      long durationNs = System.nanoTime() - state.startedNs();
      CheckpointInfo info =
          new CheckpointInfo(
              lastId,
              state.position(),
              Instant.now().minusNanos(durationNs).truncatedTo(ChronoUnit.MICROS),
              next.parts().size(),
              next.writtenParts(),
              next.writtenBytes(),
              state.pauseNs(),
              durationNs);
      Manifest manifest = new Manifest(info, next.sum(), saved);
      good.add(CheckpointDirectory.end(files, checkpoints, manifest));
      parts = next.parts();
      sum = next.sum();
      written = true;
      return info;
    } catch (IOException e) {
      throw new LaminarException(
          ErrorCode.IO_ERROR,
          "checkpoint " + lastId + " cannot be written: " + e.getMessage() + ".",
          e);
    } finally {
      if (!written) {
        closeStore();
        merging.reset();
      }
    }
  }

  private void open() throws IOException {
    if (store == null) {
      files.createDirectories(checkpoints);
      files.forceDirectory(checkpoints.getParent());
      CheckpointDirectory.deleteRest(files, checkpoints);
      kind.await();
      CheckpointDirectory newest = newest();
      isWriter = true;
      store = kind.open(live, newest == null ? null : newest.path());
    }
  }

  private void closeStore() {
    if (store != null) {
      PartStore closing = store;
      store = null;
      closing.close();
    }
  }

  /** Makes all files of a saved directory durable that are not known to be, and lists them. */
  private List<Manifest.SavedFile> force(Path directory) throws IOException {
    Map<String, Manifest.SavedFile> known = new HashMap<>();
    CheckpointDirectory before = newest();
    if (before != null) {
      before.manifest().files().forEach(file -> known.put(file.name(), file));
    }
    List<Manifest.SavedFile> saved = new ArrayList<>();
    for (String name : files.list(directory)) {
      Path file = directory.resolve(name);
      long size = files.size(file);
      Manifest.SavedFile same = kind.isShared(name) ? known.get(name) : null;
      saved.add(
          same != null && same.size() == size
              ? same
              : new Manifest.SavedFile(name, size, FileCopies.force(files, file)));
    }
    files.forceDirectory(directory);
    return saved;
  }

  /** As {@link #retain(int, Duration)}, without history. */
  public long retain(int kept) throws IOException {
    return retain(kept, Duration.ZERO);
  }

  /**
   * Removes old checkpoints but for the newest, and what is left of others. Where there is history, a few
   * that are older stay, so that any moment of it has one before it, not far. A failure leaves what could
   * not be removed for the next time.
   *
   * @param kept how many of the newest stay
   * @param history how far back any moment is to be reached
   * @return the position up to which the journal is of no use, 0 where all of it is
   */
  public long retain(int kept, Duration history) throws IOException {
    Instant horizon = Instant.now().minus(history);
    while (good.size() > kept
        && (history.isZero() || !good.get(1).info().takenAt().isAfter(horizon))) {
      good.remove(0).delete(); // what fails to be deleted is found below, the next time
    }
    Duration gap = history.dividedBy(HISTORY_CHECKPOINTS);
    for (int i = 1; i < good.size() - kept; i++) {
      Instant before = good.get(i - 1).info().takenAt();
      Instant behind = good.get(i + 1).info().takenAt();
      if (Duration.between(before, behind).compareTo(gap) <= 0) {
        good.remove(i--).delete();
      }
    }
    CheckpointDirectory.deleteRest(files, checkpoints);
    for (CheckpointDirectory each : CheckpointDirectory.list(files, checkpoints)) {
      if (good.stream().noneMatch(keep -> keep.id() == each.id())) {
        each.delete();
      }
    }
    files.forceDirectory(checkpoints);
    return good.size() < kept ? 0 : good.get(0).info().position();
  }

  /** Ends reading and writing. Again: does nothing. */
  @Override
  public void close() {
    release();
    closeStore();
    merging.close();
    try {
      if (isWriter) {
        FileCopies.deleteFlat(files, live);
      }
    } catch (IOException e) {
      throw new LaminarException(
          ErrorCode.IO_ERROR, "cannot remove \"" + live + "\": " + e.getMessage() + ".", e);
    }
  }
}
