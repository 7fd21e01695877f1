package io.laminardb.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.CheckpointInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final Manifest MANIFEST =
      new Manifest(
          new CheckpointInfo(
              7,
              4711,
              Instant.parse("2026-05-04T10:15:30.123456Z"),
              512,
              3,
              4096,
              250_000,
              9_000_000),
          Digest.of("query/vwap/0/17", ByteBuffer.wrap(new byte[] {1, 2, 3})),
          List.of(
              new Manifest.SavedFile("000012.sst", 4096, 0x8abbccdd),
              new Manifest.SavedFile("CURRENT", 16, 0)));

  @Test
  void comesBackAsItWasWritten() throws Exception {
    assertThat(Manifest.decode(MANIFEST.encode())).isEqualTo(MANIFEST);
  }

  @Test
  void isTextThatAPersonCanRead() {
    assertThat(new String(MANIFEST.encode(), StandardCharsets.UTF_8))
        .startsWith("laminardb-checkpoint 1\nid 7\nposition 4711\ntaken-at 2026-05-04T10:15:30.1")
        .contains("\nfile 000012.sst 4096 8abbccdd\nfile CURRENT 16 00000000\ncrc32c ");
  }

  @Test
  void anyFlippedBitIsNoticed() {
    byte[] bytes = MANIFEST.encode();
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> Manifest.decode(flipped)).isInstanceOf(CheckedText.Damage.class);
    }
  }

  @Test
  void anyMissingEndIsNoticed() {
    byte[] bytes = MANIFEST.encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Manifest.decode(cut)).isInstanceOf(CheckedText.Damage.class);
    }
  }

  @Test
  void anotherVersionIsNotTakenForDamage() {
    String text = new String(MANIFEST.encode(), StandardCharsets.UTF_8);
    String body =
        text.substring(0, text.indexOf("crc32c")).replace("checkpoint 1\n", "checkpoint 2\n");
    byte[] newer = CheckedText.encode(body);
    assertThatThrownBy(() -> Manifest.decode(newer))
        .isInstanceOf(Manifest.UnknownVersion.class)
        .hasMessage("2");
  }
}
