package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeArena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a store from the parts of one checkpoint to those of the next: writes what differs, puts pieces
 * behind those that are there, and removes what is gone. The pieces of a part are merged where those
 * behind its first one would be larger than that, so that no more than twice the state is ever read; a
 * part is written anew so much the less often, the less of it changes. One thread.
 */
final class NextParts {
  private final PartStore store;
  private final NativeArena merging;
  private final Map<String, StoredPart> before;
  private final Map<String, StoredPart> after;
  private Digest sum;
  private long writtenParts;
  private long writtenBytes;

  /**
   * @param before what is in the store, by name
   * @param sum of its digests
   * @param merging holds pieces that are merged, and nothing else
   */
  NextParts(
      PartStore store, Map<String, StoredPart> before, Digest sum, NativeArena merging) {
    this.store = store;
    this.merging = merging;
    this.before = before;
    this.after = new HashMap<>(before.size() * 2);
    this.sum = sum;
  }

  void write(CheckpointState state) {
    PartChanges changes = state.changes();
    before.forEach(
        (name, part) -> {
          if (state.parts().containsKey(name) || changes.keeps(name)) {
            after.put(name, part);
          } else {
            store.remove(name);
            sum = sum.minus(part.digest());
          }
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
    int count = 0;
    long behindFirst = piece.remaining();
    for (StoredPart each = piece(part, 0); each != null; each = piece(part, count)) {
      behindFirst += count == 0 ? 0 : each.size();
      count++;
    }
    boolean merges =
        count > 0 && (count == PartChanges.MOST_PIECES || behindFirst > piece(part, 0).size());
    if (merges) {
      List<ByteBuffer> pieces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        pieces.add(take(PartChanges.pieceName(part, i)));
      }
      pieces.add(piece);
      put(PartChanges.pieceName(part, 0), changes.merged().of(pieces, merging::allocate));
      merging.reset();
    } else {
      put(PartChanges.pieceName(part, count), piece);
    }
  }

  private StoredPart piece(String part, int number) {
    return after.get(PartChanges.pieceName(part, number));
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
  Map<String, StoredPart> parts() {
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
