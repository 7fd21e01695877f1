package io.laminardb.storage.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** The bytes of a simulated file: as the process sees them, as they are on the disk, and what lies between. */
final class SimulatedContent implements Comparable<SimulatedContent> {
  private static final int SECTOR = 512;
  private static final AtomicLong IDS = new AtomicLong();

  /** What was done since the last force: bytes written, or the size changed where there are none. */
  private record Change(long offset, byte[] bytes) {
    long sizeAfter(long size) {
      return bytes == null ? offset : Math.max(size, offset + bytes.length);
    }
  }

  private final long id = IDS.incrementAndGet();
  private final List<Change> changes = new ArrayList<>();
  private byte[] bytes = new byte[0];
  private int size;
  private byte[] durable = new byte[0];

  int size() {
    return size;
  }

  int read(ByteBuffer to, long offset) {
    int length = (int) Math.max(0, Math.min(to.remaining(), size - offset));
    if (length > 0) {
      to.put(bytes, (int) offset, length);
    }
    return length;
  }

  /** Writes {@code from[start, end)} so that {@code from[0]} would be at {@code offset}. */
  void write(byte[] from, int start, int end, long offset) {
    if (end > start) {
      change(new Change(offset + start, Arrays.copyOfRange(from, start, end)));
    }
  }

  void truncate(long newSize) {
    change(new Change(newSize, null));
  }

  /** What changed since the last force is durable; what that one failed for is not among it. */
  void force() {
    long newSize = durable.length;
    for (Change change : changes) {
      newSize = change.sizeAfter(newSize);
    }
    byte[] forced = Arrays.copyOf(durable, (int) Math.max(newSize, durable.length));
    for (Change change : changes) {
      forced = Arrays.copyOf(forced, (int) Math.max(forced.length, change.sizeAfter(0)));
      apply(change, forced, 0, forced.length);
    }
    durable = Arrays.copyOf(forced, (int) newSize);
    changes.clear();
  }

  /** What is visible is what is durable. */
  private void settle() {
    durable = Arrays.copyOf(bytes, size);
    changes.clear();
  }

  /** Forces some of what there is; the rest is visible, but will not be forced any more. */
  void failToForce(SplittableRandom random) {
    durable = survivors(random, true);
    changes.clear();
  }

  /** Loses what a loss of power may lose. */
  void lose(SplittableRandom random, boolean anyOrder) {
    bytes = survivors(random, anyOrder);
    size = bytes.length;
    settle();
  }

  String damage(SplittableRandom random, int length) {
    int at = random.nextInt(size);
    int end = Math.min(Math.min(size, at + length), (at / SECTOR + 1) * SECTOR);
    if (length == 1) {
      bytes[at] ^= (byte) (1 << random.nextInt(8));
    } else {
      for (int i = at; i < end; i++) {
        bytes[i] = (byte) (bytes[i] + random.nextInt(1, 255) | 1);
      }
    }
    settle();
    return "from byte " + at + " to " + end;
  }

  private void change(Change change) {
    changes.add(change);
    int newSize = Math.toIntExact(change.sizeAfter(size));
    if (newSize > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(newSize, bytes.length * 2));
    }
    if (change.bytes() == null) {
      Arrays.fill(bytes, Math.min(size, newSize), bytes.length, (byte) 0);
    } else {
      System.arraycopy(change.bytes(), 0, bytes, (int) change.offset(), change.bytes().length);
    }
    size = newSize;
  }

  private byte[] survivors(SplittableRandom random, boolean anyOrder) {
    int kept = random.nextInt(changes.size() + 1);
    int sizeAt = anyOrder ? random.nextInt(changes.size() + 1) : kept;
    long newSize = durable.length;
    for (Change change : changes.subList(0, sizeAt)) {
      newSize = change.sizeAfter(newSize);
    }
    byte[] result = Arrays.copyOf(durable, (int) newSize);
    if (anyOrder) {
      for (int start = 0; start < newSize; start += SECTOR) {
        int versions = random.nextInt(changes.size() + 1);
        for (Change change : changes.subList(0, versions)) {
          apply(change, result, start, Math.min(start + SECTOR, (int) newSize));
        }
      }
      return result;
    }
    for (Change change : changes.subList(0, kept)) {
      apply(change, result, 0, result.length);
    }
    if (kept < changes.size() && changes.get(kept).bytes() != null) {
      // Some bytes of the next one as well.
      Change next = changes.get(kept);
      int some = random.nextInt(next.bytes().length + 1);
      if (some > 0 && next.offset() <= result.length) {
        Change cut = new Change(next.offset(), Arrays.copyOf(next.bytes(), some));
        result = Arrays.copyOf(result, (int) cut.sizeAfter(result.length));
        apply(cut, result, 0, result.length);
      }
    }
    return result;
  }

  /** Does what a change does to the bytes from {@code start} to {@code end}. */
  private static void apply(Change change, byte[] to, int start, int end) {
    if (change.bytes() == null) {
      int from = (int) Math.max(start, change.offset());
      if (from < end) {
        Arrays.fill(to, from, end, (byte) 0);
      }
      return;
    }
    int from = (int) Math.max(start, change.offset());
    int until = (int) Math.min(end, change.offset() + change.bytes().length);
    if (from < until) {
      System.arraycopy(change.bytes(), (int) (from - change.offset()), to, from, until - from);
    }
  }

  @Override
  public int compareTo(SimulatedContent other) {
    return Long.compare(id, other.id);
  }
}
