package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class KeysTest {
  private static final int SLOTS = 8192;
  private static final int KEYS = 1000;

  @Test
  void viewsOfTextsCompareAsTheirBytes() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    try (BufferAllocator allocator = new RootAllocator();
        ArrowBuf left = allocator.buffer(64);
        ArrowBuf right = allocator.buffer(64)) {
      for (int i = 0; i < 100_000; i++) {
        byte[] a = randomText(random);
        byte[] b = random.nextInt(4) == 0 ? a : randomText(random);
        long atA = put(a, left, random);
        long atB = put(b, right, random);
        long headA = Keys.head(atA, a.length);
        long tailA = Keys.tail(atA, a.length);
        long headB = Keys.head(atB, b.length);
        long tailB = Keys.tail(atB, b.length);
        String what = "seed " + seed + ": " + Arrays.toString(a) + " and " + Arrays.toString(b);
        int order = Arrays.compareUnsigned(a, b);
        assertThat(Integer.signum(Keys.compareTexts(headA, tailA, headB, tailB)))
            .as(what)
            .isEqualTo(Integer.signum(order));
        assertThat(Keys.sameText(headA, tailA, headB, tailB)).as(what).isEqualTo(order == 0);
        if (order == 0) {
          assertThat(Keys.mixText(Keys.SEED, headA, tailA))
              .as(what)
              .isEqualTo(Keys.mixText(Keys.SEED, headB, tailB));
        }
      }
    }
  }

  /** What lies around a text must not matter. */
  private static long put(byte[] text, ArrowBuf memory, Random random) {
    Memory.fill(memory.memoryAddress(), 64, (byte) random.nextInt(256));
    long at = memory.memoryAddress() + random.nextInt(64 - text.length);
    Memory.copyFromHeap(text, 0, at, text.length);
    return at;
  }

  private static byte[] randomText(Random random) {
    byte[] bytes = new byte[random.nextInt(24)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : random.nextInt(2));
    }
    return bytes;
  }

  @Test
  void hashesOfEverydayKeysSpread() {
    check("numbers", i -> hash(i));
    check("thousands", i -> hash(i * 1000L));
    check("high numbers", i -> hash((long) i << 40));
    check("milliseconds", i -> hash(1_700_000_000_000L + i * 60_000L));
    check("doubles", i -> hash(Keys.ofDouble(i)));
    check("prices", i -> hash(Keys.ofDouble(100 + i * 0.25)));
    check("pairs", i -> Keys.finish(Keys.mix(Keys.mix(Keys.SEED, i / 32), i % 32)));
    try (BufferAllocator allocator = new RootAllocator();
        ArrowBuf memory = allocator.buffer(64)) {
      check("symbols", i -> hash(memory, "S" + i));
      check("padded", i -> hash(memory, String.format(Locale.ROOT, "user-%06d", i)));
      check("long", i -> hash(memory, "sensor/building-7/floor-" + i));
    }
  }

  private static long hash(long word) {
    return Keys.finish(Keys.mix(Keys.SEED, word));
  }

  private static long hash(ArrowBuf memory, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long at = memory.memoryAddress();
    Memory.copyFromHeap(bytes, 0, at, bytes.length);
    long head = Keys.head(at, bytes.length);
    return Keys.finish(Keys.mixText(Keys.SEED, head, Keys.tail(at, bytes.length)));
  }

  /** Random hashes leave 1,000 keys in 941 of 8,192 slots, and in 251 of 256 key groups. */
  private static void check(String what, IntToLongFunction hashOf) {
    boolean[] slots = new boolean[SLOTS];
    boolean[] groups = new boolean[StateWriter.KEY_GROUPS];
    int usedSlots = 0;
    int usedGroups = 0;
    for (int i = 0; i < KEYS; i++) {
      long hash = hashOf.applyAsLong(i);
      assertThat(hash >>> 48).as(what).isNotZero();
      int slot = (int) hash & (SLOTS - 1);
      usedSlots += slots[slot] ? 0 : 1;
      slots[slot] = true;
      int group = Keys.group(hash);
      usedGroups += groups[group] ? 0 : 1;
      groups[group] = true;
    }
    assertThat(usedSlots).as("slots of " + what).isGreaterThan(900);
    assertThat(usedGroups).as("key groups of " + what).isGreaterThan(200);
  }
}
