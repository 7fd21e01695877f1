package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** What a join keeps: the rows of both sides, and where an answer of those without a match stands. */
final class JoinState implements AutoCloseable {
  private final JoinSpec spec;
  private final JoinRows[] sides = new JoinRows[2];
  private final int[][] free = new int[2][]; // while it is restored
  private final ArrowBuf keyAddress; // where a scan leaves the key it has come to
  private final int[] found = new int[1];
  private int scanPort;
  private long scanPosition;
  private long scanRow;

  JoinState(JoinSpec spec, BufferAllocator allocator) {
    this.spec = spec;
    for (int port = 0; port < 2; port++) {
      sides[port] = new JoinRows(spec.keepsRows(port), spec.input(port).isChangelog(), allocator);
    }
    keyAddress = StateMemory.allocate(allocator, 8);
  }

  JoinRows side(int port) {
    return sides[port];
  }

  /**
   * The next row without a match of a side that answers those, or 0 when all have been seen. Nothing
   * may change in between.
   */
  long nextUnmatched() {
    while (true) {
      if (scanRow != 0) {
        scanRow = JoinRows.next(scanRow);
      }
      while (scanRow == 0) {
        if (!nextKey()) {
          return 0;
        }
      }
      if (!hasMatch(scanRow)) {
        return scanRow;
      }
    }
  }

  /** The side of the row that {@link #nextUnmatched} answered last. */
  int unmatchedPort() {
    return scanPort;
  }

  private boolean nextKey() {
    while (scanPort < 2) {
      if (spec.type().keepsUnmatched(scanPort) && scanPosition >= 0) {
        long target = keyAddress.memoryAddress();
        scanPosition = sides[scanPort].scan(scanPosition, target, 1, found);
        if (found[0] == 1) {
          scanRow = JoinRows.first(Memory.getLong(target));
          return true;
        }
      }
      scanPort++;
      scanPosition = 0;
    }
    return false;
  }

  private boolean hasMatch(long row) {
    return spec.condition() != null
        ? JoinRows.matches(row) > 0
        : JoinRows.total(sides[1 - scanPort].find(Memory.getLong(keyAddress.memoryAddress()))) > 0;
  }

  /** Forgets all rows. */
  void clear() {
    sides[0].clear();
    sides[1].clear();
    scanPort = 0;
    scanPosition = 0;
    scanRow = 0;
  }

  long rows() {
    return sides[0].rows() + sides[1].rows();
  }

  long bytes() {
    return sides[0].bytes() + sides[1].bytes();
  }

  void snapshot(StateWriter writer) {
    sides[0].snapshot(writer, 0);
    sides[1].snapshot(writer, 1);
  }

  /** Reads a section of {@link #snapshot}. */
  void restore(int keyGroup, StateReader reader) {
    int port = (int) reader.getLong();
    if (keyGroup == StateWriter.NO_KEY_GROUP) {
      free[port] = sides[port].readHeader(reader);
    } else {
      sides[port].readGroup(reader);
    }
  }

  /** Ends a restore. */
  void finishRestore() {
    for (int port = 0; port < 2; port++) {
      if (free[port] != null) {
        sides[port].finish(free[port]);
      }
    }
  }

  @Override
  public void close() {
    sides[0].close();
    sides[1].close();
    keyAddress.close();
  }
}
