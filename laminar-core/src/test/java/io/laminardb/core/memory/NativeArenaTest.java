package io.laminardb.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativeArenaTest {
  private static final long SEED = Long.getLong("laminar.seed", 20261123);
  private static final long KEPT_BYTES = 8 << 20;

  @Test
  void whatIsHandedOutDoesNotOverlapAndAllOfItIsFreedInTheEnd() {
    Random random = new Random(SEED);
    long before = NativeBuffer.allocatedBytes();
    try (NativeArena arena = new NativeArena()) {
      for (int round = 0; round < 20; round++) {
        List<ByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          ByteBuffer bytes =
              arena.allocate(random.nextInt(random.nextInt(10) == 0 ? 600_000 : 5_000));
          taken.add(bytes);
          for (int at = 0; at < bytes.limit(); at++) {
            bytes.put(at, (byte) i);
          }
        }
        for (int i = 0; i < taken.size(); i++) {
          byte[] same = new byte[taken.get(i).limit()];
          Arrays.fill(same, (byte) i);
          assertThat(taken.get(i)).as("seed %d", SEED).isEqualTo(ByteBuffer.wrap(same));
        }
        assertThat(arena.bytes()).isEqualTo(NativeBuffer.allocatedBytes() - before);
        arena.reset();
        assertThat(arena.bytes()).isLessThanOrEqualTo(KEPT_BYTES);
      }
    }
    assertThat(NativeBuffer.allocatedBytes()).isEqualTo(before);
  }

  @Test
  void whatIsTakenBackIsHandedOutAgain() {
    try (NativeArena arena = new NativeArena()) {
      arena.allocate(1_000);
      long held = arena.bytes();
      for (int i = 0; i < 1_000; i++) {
        arena.reset();
        arena.allocate(1_000);
      }
      assertThat(arena.bytes()).isEqualTo(held);
    }
  }

  @Test
  void aClosedArenaHandsOutWhatNobodyHasToFree() {
    NativeArena arena = new NativeArena();
    arena.close();
    long before = NativeBuffer.allocatedBytes();
    assertThat(arena.allocate(10).put((byte) 1).remaining()).isEqualTo(9);
    arena.close();
    assertThat(NativeBuffer.allocatedBytes()).isEqualTo(before);
  }
}
