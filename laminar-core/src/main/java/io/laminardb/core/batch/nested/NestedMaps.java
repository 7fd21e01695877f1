package io.laminardb.core.batch.nested;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.util.Arrays;

/** Brings the entries of a MAP that is being written into the order of their keys. */
public final class NestedMaps {
  private NestedMaps() {}

  /** What a key that comes twice means. */
  public enum Duplicates {
    REFUSED,
    LAST_WINS
  }

  /**
   * Sorts the entries written since {@code start} and ends the map.
   *
   * @throws LaminarException EXPRESSION_FAILED for a key that comes twice and must not
   */
  public static void finish(DataType map, NestedWriter out, int start, Duplicates duplicates) {
    int count = 0;
    boolean sorted = true;
    long previous = 0;
    out.mark(NestedWriter.END);
    for (long at = out.address() + start; !NestedBytes.isEnd(at); ) {
      if (NestedBytes.isNull(at)) {
        throw failed("a key of a MAP is NULL.", "Leave such entries out, or COALESCE the key.");
      }
      sorted &= previous == 0 || compare(map, previous, at) < 0;
      previous = at;
      at = NestedBytes.afterEntry(map, at);
      count++;
    }
    if (!sorted) {
      sort(map, out, start, count, duplicates);
    }
  }

  private static void sort(
      DataType map, NestedWriter out, int start, int count, Duplicates duplicates) {
    Long[] entries = new Long[count];
    long base = out.address();
    long at = base + start;
    for (int i = 0; i < count; i++) {
      entries[i] = at - base;
      at = NestedBytes.afterEntry(map, at);
    }
    int written = (int) (at - base) - start;
    // Behind the unsorted ones; stable, so that of equal keys the last stands last.
    out.truncate(start + written);
    out.room(written + 1);
    long moved = out.address();
    Arrays.sort(entries, (a, b) -> compare(map, moved + a, moved + b));
    for (int i = 0; i < count; i++) {
      long entry = moved + entries[i];
      if (i + 1 < count && compare(map, entry, moved + entries[i + 1]) == 0) {
        if (duplicates == Duplicates.REFUSED) {
          throw failed("a MAP has a key twice.", "Give each key once.");
        }
        continue;
      }
      out.append(entry, NestedBytes.afterEntry(map, entry) - entry);
    }
    int length = out.length() - start - written;
    Memory.move(moved + start + written, moved + start, length);
    out.truncate(start + length);
    out.mark(NestedWriter.END);
  }

  private static int compare(DataType map, long left, long right) {
    return Memory.compare(left, keyLength(map, left), right, keyLength(map, right));
  }

  private static int keyLength(DataType map, long entry) {
    return (int) (NestedBytes.afterItem(map.element(), entry) - entry);
  }

  private static LaminarException failed(String problem, String mend) {
    return new LaminarException(ErrorCode.EXPRESSION_FAILED, problem).mend(mend);
  }
}
