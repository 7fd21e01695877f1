package io.laminardb.core.state;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.durable.SpillMap;
import io.laminardb.core.durable.SpillStore;

/** An operator's part of the {@link SpillSpace}, with counters of what went there. The reactor's thread. */
public final class Spill {
  private final SpillSpace space;
  private long bytes;
  private long rows;
  private long writtenBytes;
  private long readBytes;

  public Spill(SpillSpace space) {
    this.space = requireNonNull(space, "space");
  }

  /** Bytes in the store now. */
  public long bytes() {
    return bytes;
  }

  /** Rows in the store now; a group that is there in parts counts once for each. */
  public long rows() {
    return rows;
  }

  /** Bytes that were ever written to the store. */
  public long writtenBytes() {
    return writtenBytes;
  }

  /** Bytes that were ever read from the store. */
  public long readBytes() {
    return readBytes;
  }

  /** For people. */
  @Override
  public String toString() {
    return "spills: "
        + rows
        + (rows == 1 ? " row, " : " rows, ")
        + kib(bytes)
        + " on disk, "
        + kib(writtenBytes)
        + " written, "
        + kib(readBytes)
        + " read";
  }

  private static String kib(long count) {
    return (count + 1023) / 1024 + " KiB";
  }

  /** Whether memory is short. */
  public boolean isTight() {
    return space.isTight(false);
  }

  /** By how much a table should grow at most, in bytes: little beside the budget. */
  long chunkBytes() {
    return 8L * space.blockBytes();
  }

  /** How large a block should be. */
  int blockBytes() {
    return space.blockBytes();
  }

  boolean mayGrow(long heldBytes, long moreBytes) {
    return space.mayGrow(heldBytes, moreBytes);
  }

  boolean isSmall(long heldBytes) {
    return space.isSmall(heldBytes);
  }

  SpillStore store() {
    return space.store();
  }

  /** An empty map, which is the caller's. */
  SpillMap map() {
    return space.store().map();
  }

  /** A row was put to a map of the store. */
  void left(int rowBytes) {
    rows++;
    bytes += rowBytes;
    writtenBytes += rowBytes;
  }

  /** A row was taken from a map of the store. */
  void came(int rowBytes) {
    rows--;
    bytes -= rowBytes;
    readBytes += rowBytes;
  }

  /** Rows of a map of the store are forgotten. */
  void forgot(long rowCount, long rowBytes) {
    rows -= rowCount;
    bytes -= rowBytes;
  }

  /** Puts a block to the store that holds so many rows of state. */
  long put(byte[] block, int rowCount) {
    long number = space.store().put(block);
    rows += rowCount;
    bytes += block.length;
    writtenBytes += block.length;
    return number;
  }

  byte[] get(long number) {
    byte[] block = space.store().get(number);
    readBytes += block.length;
    return block;
  }

  /** Forgets a block of the store. */
  void drop(long number, int length, int rowCount) {
    space.store().drop(number);
    rows -= rowCount;
    bytes -= length;
  }
}
