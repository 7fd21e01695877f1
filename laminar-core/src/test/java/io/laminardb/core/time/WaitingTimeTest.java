package io.laminardb.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitingTimeTest {
  private long nowNs = Long.MAX_VALUE - 5; // it may overflow

  private final WaitingTime waiting = new WaitingTime(() -> nowNs);

  @Test
  void countsWhatPassesBetweenLooks() {
    assertThat(waiting.ns()).isZero();
    nowNs += 30;
    assertThat(waiting.ns()).isEqualTo(30);
    nowNs += 12;
    assertThat(waiting.ns()).isEqualTo(42);
    waiting.restart();
    assertThat(waiting.ns()).isZero();
  }

  @Test
  void aProcessThatStoodStillHasHardlyWaited() {
    nowNs += Duration.ofHours(8).toNanos();
    assertThat(waiting.ns()).isBetween(1L, Duration.ofMillis(50).toNanos());
  }
}
