package io.laminardb.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {
  @Test
  void isMurmurHash3() {
    assertThat(murmur("")).isEqualTo(Digest.ZERO);
    assertThat(murmur("hello")).hasToString("cbd8a7b341bd9b025b1e906a48ae1d19");
    assertThat(murmur("The quick brown fox jumps over the lazy dog"))
        .hasToString("e34bbc7bbc071b6c7a433ca9c49a9347");
  }

  @Test
  void dependsOnTheNameAndOnEveryBit() {
    Random random = new Random(11);
    for (int length = 0; length < 70; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      Digest digest = Digest.of("a", ByteBuffer.wrap(bytes));
      assertThat(Digest.of("a", direct(bytes))).isEqualTo(digest);
      assertThat(Digest.of("b", ByteBuffer.wrap(bytes))).isNotEqualTo(digest);
      for (int bit = 0; bit < length * 8; bit++) {
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(Digest.of("a", ByteBuffer.wrap(bytes))).isNotEqualTo(digest);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
      }
      assertThat(Digest.of("a", ByteBuffer.wrap(bytes))).isEqualTo(digest);
    }
  }

  @Test
  void comesBackFromBytesAndText() {
    Digest digest = murmur("hello");
    byte[] bytes = new byte[Digest.BYTES + 3];
    digest.write(bytes, 3);
    assertThat(Digest.read(bytes, 3)).isEqualTo(digest);
    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
    assertThat(digest.plus(murmur("x")).minus(murmur("x"))).isEqualTo(digest);
  }

  private static Digest murmur(String text) {
    return Digest.murmur(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
  }

  /** The bytes off the heap, between others. */
  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length + 8)
        .put(3, bytes)
        .position(3)
        .limit(bytes.length + 3);
  }
}
