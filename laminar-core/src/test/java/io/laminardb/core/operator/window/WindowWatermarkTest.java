package io.laminardb.core.operator.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.window.WindowShape.Kind;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowWatermarkTest {
  /** Remembers what was passed on. */
  private static final class Passed implements Output {
    final List<Long> watermarks = new ArrayList<>();

    @Override
    public boolean offer(Batch batch) {
      throw new AssertionError("a watermark is no batch");
    }

    @Override
    public boolean watermark(long watermarkNs) {
      watermarks.add(watermarkNs);
      return true;
    }
  }

  @Test
  void noWindowEndsAtAQuietWatermarkAndNothingElseIsPassedOn() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      WindowShape window = randomWindow(random);
      WindowWatermark watermark = new WindowWatermark(window, false);
      Passed passed = new Passed();
      long acted = Long.MIN_VALUE;
      long now = random.nextInt(400) - 200;
      for (int step = 0; step < 100; step++, now += random.nextInt(8)) {
        String what = "seed " + seed + ", " + window + " at " + now;
        if (!watermark.isQuiet(now)) {
          acted = now;
          watermark.closed(watermark.endClosedAt(now));
          assertThat(watermark.pass(now, passed)).as(what).isTrue();
          continue;
        }
        assertThat(lastEnd(window, now)).as(what).isEqualTo(lastEnd(window, acted));
        assertThat(held(window, now))
            .as(what)
            .isEqualTo(passed.watermarks.get(passed.watermarks.size() - 1));
      }
      assertThat(acted).as("seed " + seed).isNotEqualTo(Long.MIN_VALUE);
    }
  }

  @Test
  void aWatermarkBehindASilenceIsPassedOnAgain() {
    WindowWatermark watermark =
        new WindowWatermark(new WindowShape(Kind.TUMBLE, 10, 10, 0, 1, 0), false);
    Passed passed = new Passed();
    watermark.closed(watermark.endClosedAt(12));
    watermark.pass(12, passed);
    assertThat(watermark.isQuiet(13)).isTrue();
    watermark.passIdle(passed);
    assertThat(watermark.isQuiet(14)).isFalse();
    watermark.closed(watermark.endClosedAt(14));
    watermark.pass(14, passed);
    assertThat(passed.watermarks).containsExactly(10L, Watermark.IDLE, 10L);
    assertThat(watermark.isQuiet(Watermark.END)).isFalse();
  }

  private static WindowShape randomWindow(Random random) {
    long unit = 1 + random.nextInt(3);
    long slide = 1 + random.nextInt(9);
    long lateness = random.nextInt(3) == 0 ? random.nextInt(20) : 0;
    return switch (random.nextInt(3)) {
      case 0 ->
          new WindowShape(Kind.TUMBLE, slide, slide, random.nextInt((int) slide), unit, lateness);
      case 1 -> {
        long size = 1 + random.nextInt(20); // with gaps too
        yield new WindowShape(Kind.HOP, size, slide, random.nextInt((int) slide), unit, lateness);
      }
      default -> {
        long size = slide * (1 + random.nextInt(4));
        yield new WindowShape(
            Kind.CUMULATE, size, slide, random.nextInt((int) size), unit, lateness);
      }
    };
  }

  /** The greatest end of a window that is closed at a watermark. */
  private static long lastEnd(WindowShape window, long watermarkNs) {
    long closed = window.closedThrough(watermarkNs);
    return closed - Math.floorMod(closed - window.size() - window.offset(), window.slide());
  }

  private static long held(WindowShape window, long watermarkNs) {
    long start = window.earliestOpenStart(window.closedThrough(watermarkNs));
    return Math.min(watermarkNs, window.toNanos(start));
  }
}
