package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.StorageReport.Damage;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** A checkpoint of which every part has been read once, and was as its manifest says. */
public final class CheckpointReader implements Checkpoint, AutoCloseable {
  /** The part of the heap that may hold what was read already, so that it need not be read again. */
  private static final int KEPT_SHARE = 8;

  private final CheckpointDirectory directory;
  private final PartStore.Saved saved;
  private final SortedMap<String, StoredPart> stored = new TreeMap<>();

  /** What was read to verify it, in its order; null where that is too much to keep. */
  private Map<String, byte[]> kept = new LinkedHashMap<>();

  private boolean closed;

  private CheckpointReader(CheckpointDirectory directory, PartStore.Saved saved) {
    this.directory = directory;
    this.saved = saved;
  }

  /**
   * Opens a checkpoint and reads all of it.
   *
   * @throws LaminarException STATE_CORRUPT or IO_ERROR where it is not whole; the text is that of {@link
   *     LaminarException#problem}, as part of a sentence
   */
  static CheckpointReader open(PartStore.Kind kind, CheckpointDirectory directory) {
    List<Damage> wrong =
        directory.hasManifest() ? directory.checkSizes() : directory.checkContents();
    if (!wrong.isEmpty()) {
      throw damaged(wrong.stream().map(Damage::toString).collect(Collectors.joining(", ")));
    }
    CheckpointReader reader = new CheckpointReader(directory, kind.read(directory.path()));
    boolean whole = false;
    try {
      reader.verify();
      whole = true;
      return reader;
    } finally {
      if (!whole) {
        reader.close();
      }
    }
  }

  private void verify() {
    long[] room = {Runtime.getRuntime().maxMemory() / KEPT_SHARE};
    saved.each(
        "",
        (name, bytes) -> {
          stored.put(name, StoredPart.of(name, bytes));
          room[0] -= bytes.length;
          if (room[0] < 0) {
            kept = null;
          } else {
            kept.put(name, bytes);
          }
        });
    Digest sum = Digest.ZERO;
    for (StoredPart part : stored.values()) {
      sum = sum.plus(part.digest());
    }
    if (stored.size() != info().parts()) {
      throw damaged("it has " + stored.size() + " parts instead of " + info().parts());
    }
    if (!sum.equals(directory.manifest().digest())) {
      throw damaged("its parts are not those that were written");
    }
  }

  private static LaminarException damaged(String how) {
    return new LaminarException(ErrorCode.STATE_CORRUPT, how);
  }

  CheckpointDirectory directory() {
    return directory;
  }

  /** What is known of every part, by name. */
  SortedMap<String, StoredPart> stored() {
    return stored;
  }

  @Override
  public CheckpointInfo info() {
    return directory.info();
  }

  @Override
  public synchronized byte[] part(String name) {
    requireOpen();
    if (kept != null) {
      return kept.get(name);
    }
    byte[] bytes = saved.get(name);
    if (bytes == null && !stored.containsKey(name)) {
      return null;
    }
    return checked(name, bytes);
  }

  @Override
  public synchronized void parts(String prefix, BiConsumer<String, byte[]> each) {
    requireOpen();
    if (kept != null) {
      kept.forEach(
          (name, bytes) -> {
            if (name.startsWith(prefix)) {
              each.accept(name, bytes);
            }
          });
      return;
    }
    saved.each(prefix, (name, bytes) -> each.accept(name, checked(name, bytes)));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "a checkpoint is not read any more once the journal is written");
    }
  }

  /** Reading again may find what reading once did not. */
  private byte[] checked(String name, byte[] bytes) {
    if (bytes == null || !StoredPart.of(name, bytes).equals(stored.get(name))) {
      throw damaged(
          "part \""
              + name
              + "\" of checkpoint \""
              + directory.path()
              + "\" has changed since the database was opened.");
    }
    return bytes;
  }

  @Override
  public synchronized void close() {
    closed = true;
    kept = null;
    saved.close();
  }
}
