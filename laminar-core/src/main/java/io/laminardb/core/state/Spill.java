package io.laminardb.core.state;

import static java.util.Objects.requireNonNull;

/** An operator's part of the {@link SpillSpace}, with counters of what went there. The reactor's thread. */
public final class Spill {
  private final SpillSpace space;
  private long bytes;
  private long writtenBytes;
  private long readBytes;

  public Spill(SpillSpace space) {
    this.space = requireNonNull(space, "space");
  }

  /** Bytes in the store now. */
  public long bytes() {
    return bytes;
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

  /** How large a block should be. */
  int blockBytes() {
    return space.blockBytes();
  }

  boolean mayGrow(long heldBytes, long moreBytes) {
    return space.mayGrow(heldBytes, moreBytes);
  }

  long put(byte[] block) {
    long number = space.store().put(block);
    bytes += block.length;
    writtenBytes += block.length;
    return number;
  }

  byte[] get(long number) {
    byte[] block = space.store().get(number);
    readBytes += block.length;
    return block;
  }

  void drop(long number, int length) {
    space.store().drop(number);
    bytes -= length;
  }
}
