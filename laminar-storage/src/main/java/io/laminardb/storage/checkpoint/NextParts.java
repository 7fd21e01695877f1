package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeArena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Brings a store from the parts of one checkpoint to those of the next: writes what differs, puts pieces
 * behind those that are there, and removes what is gone. The pieces of a part are merged where those
 * behind its first one would be larger than that, so that no more than twice the state is ever read; a
 * part is written anew so much the less often, the less of it changes. One thread.
 */
final class NextParts {
  private final PartStore store;
  private final NativeArena merging;
  private final NavigableMap<String, StoredPart> after;
  private Digest sum;
  private long writtenParts;
  private long writtenBytes;

  /**
   * @param before what is in the store, by name
   * @param sum of its digests
   * @param merging holds pieces that are merged, and nothing else
   */
  NextParts(
      PartStore store, SortedMap<String, StoredPart> before, Digest sum, NativeArena merging) {
    this.store = store;
    this.merging = merging;
    this.after = new TreeMap<>(before);
    this.sum = sum;
  }

  void write(CheckpointState state) {
    PartChanges changes = state.changes();
    after
        .entrySet()
        .removeIf(
            part -> {
              String name = part.getKey();
              boolean isGone = !state.parts().containsKey(name) && !changes.keeps(name);
              if (isGone) {
                store.remove(name);
                sum = sum.minus(part.getValue().digest());
              }
              return isGone;
            });
    state.parts().forEach((name, bytes) -> put(name, ByteBuffer.wrap(bytes)));
    changes
        .pieces()
        .forEach(
            (part, piece) -> {
              if (changes.keeps(part)) {
                append(part, piece, changes);
              }
            });
  }

  private void put(String name, ByteBuffer bytes) {
    StoredPart part = StoredPart.of(name, bytes);
    StoredPart old = after.put(name, part);
    if (!part.equals(old)) {
      store.put(name, bytes);
      writtenParts++;
      writtenBytes += part.size();
      sum = sum.plus(part.digest()).minus(old == null ? Digest.ZERO : old.digest());
    }
  }

  private void append(String part, ByteBuffer piece, PartChanges changes) {
    SortedMap<String, StoredPart> there = PartChanges.piecesOf(part, after);
    int count = 0;
    long first = 0;
    long behindFirst = piece.remaining();
    for (StoredPart each : there.values()) {
      if (count++ == 0) {
        first = each.size();
      } else {
        behindFirst += each.size();
      }
    }
    if (count > 0 && (count == PartChanges.MOST_PIECES || behindFirst > first)) {
      List<ByteBuffer> pieces = new ArrayList<>();
      for (String name : List.copyOf(there.keySet())) {
        pieces.add(take(name));
      }
      pieces.add(piece);
      put(PartChanges.pieceName(part, 0), changes.merged().of(pieces, merging::allocate));
      merging.reset();
    } else {
      put(PartChanges.pieceName(part, count), piece);
    }
  }

  /** Reads a piece, and removes it. */
  private ByteBuffer take(String name) {
    StoredPart part = after.remove(name);
    ByteBuffer bytes = merging.allocate(part.size());
    if (store.get(name, bytes) != part.size() || !StoredPart.of(name, bytes).equals(part)) {
      throw new LaminarException(
          ErrorCode.STATE_CORRUPT,
          "part \"" + name + "\" of the last checkpoint is not what was written.");
    }
    store.remove(name);
    sum = sum.minus(part.digest());
    return bytes;
  }

  /** What is in the store now, by name. */
  SortedMap<String, StoredPart> parts() {
    return after;
  }

  /** The sum of the digests of all parts. */
  Digest sum() {
    return sum;
  }

  /** How many parts were written. */
  long writtenParts() {
    return writtenParts;
  }

  /** How many bytes were written. */
  long writtenBytes() {
    return writtenBytes;
  }
}
