package io.laminardb.storage.checkpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * 128 bits that stand for the name and the bytes of a part: equal digests are taken for equal parts. The
 * hash is MurmurHash3 (x64, 128 bits; Austin Appleby, public domain), seeded with the hash of the name.
 * It finds damage and change, not malice.
 *
 * <p>Digests are added to a digest of all parts, in any order; a part that goes is subtracted.
 *
 * @param high the first half
 * @param low the second half
 */
public record Digest(long high, long low) {
  public static final Digest ZERO = new Digest(0, 0);

  /** Bytes of a digest where it is stored: both halves, little-endian. */
  public static final int BYTES = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle WORDS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long C1 = 0x87c37b91114253d5L;
  private static final long C2 = 0x4cf5ad432745937fL;

  /** The digest of a part whose content is between a position and a limit, which are not changed. */
  static Digest of(String name, ByteBuffer bytes) {
    return murmur(bytes, murmur(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), 0).high);
  }

  static Digest murmur(ByteBuffer bytes, long seed) {
    int offset = bytes.position();
    int length = bytes.remaining();
    long h1 = seed;
    long h2 = seed;
    int end = offset + (length & ~15);
    for (int i = offset; i < end; i += 16) {
      h1 ^= mixFirst((long) WORDS.get(bytes, i));
      h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
      h2 ^= mixSecond((long) WORDS.get(bytes, i + 8));
      h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
    }
    int rest = length & 15;
    h1 ^= mixFirst(tail(bytes, end, Math.min(rest, 8)));
    h2 ^= mixSecond(tail(bytes, end + 8, rest - 8));
    h1 ^= length;
    h2 ^= length;
    h1 += h2;
    h2 += h1;
    h1 = avalanche(h1);
    h2 = avalanche(h2);
    h1 += h2;
    return new Digest(h1, h2 + h1);
  }

  /** Up to seven bytes as a number; zero, which changes nothing, where there are none. */
  private static long tail(ByteBuffer bytes, int offset, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | bytes.get(offset + i) & 0xff;
    }
    return value;
  }

  private static long mixFirst(long k) {
    return Long.rotateLeft(k * C1, 31) * C2;
  }

  private static long mixSecond(long k) {
    return Long.rotateLeft(k * C2, 33) * C1;
  }

  private static long avalanche(long h) {
    h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }

  Digest plus(Digest other) {
    return new Digest(high + other.high, low + other.low);
  }

  Digest minus(Digest other) {
    return new Digest(high - other.high, low - other.low);
  }

  /** Writes the {@link #BYTES} of this digest. */
  public void write(byte[] target, int offset) {
    LONGS.set(target, offset, high);
    LONGS.set(target, offset + 8, low);
  }

  /** Reads what {@link #write} wrote. */
  public static Digest read(byte[] source, int offset) {
    return new Digest((long) LONGS.get(source, offset), (long) LONGS.get(source, offset + 8));
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return String.format("%016x%016x", high, low);
  }

  static Digest parse(String digits) {
    if (digits.length() != 32) {
      throw new NumberFormatException(digits);
    }
    return new Digest(
        Long.parseUnsignedLong(digits.substring(0, 16), 16),
        Long.parseUnsignedLong(digits.substring(16), 16));
  }
}
