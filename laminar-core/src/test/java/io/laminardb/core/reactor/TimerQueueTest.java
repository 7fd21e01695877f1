package io.laminardb.core.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
  private final List<Integer> fired = new ArrayList<>();
  private final TimerQueue timers = new TimerQueue();

  private final class Recorder extends TimerQueue.Timer {
    private final int id;
    private int refusals;

    Recorder(int id, int refusals) {
      this.id = id;
      this.refusals = refusals;
    }

    @Override
    protected boolean fire(long nowEpochNs) {
      if (refusals-- > 0) {
        return false;
      }
      fired.add(id);
      return true;
    }
  }

  @Test
  void firesInOrderOnceDueAndForgetsWhatWasCancelledOrReplaced() {
    Recorder[] all = new Recorder[4];
    for (int i = 0; i < 4; i++) {
      all[i] = new Recorder(i, 0);
      timers.schedule(all[i], 10 * (4 - i));
    }
    timers.cancel(all[1]);
    timers.schedule(all[3], 25);
    assertThat(timers.nextDue()).isEqualTo(20);
    assertThat(timers.poll(30, 100)).isEqualTo(2);
    assertThat(fired).containsExactly(2, 3);
    assertThat(timers.poll(40, 100)).isEqualTo(1);
    assertThat(timers.nextDue()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void oneThatIsRefusedFiresLaterAndHoldsNoOtherBack() {
    timers.schedule(new Recorder(1, 1), 1);
    timers.schedule(new Recorder(2, 0), 2);
    timers.poll(5, 100);
    assertThat(fired).containsExactly(2);
    timers.poll(5, 100);
    assertThat(fired).containsExactly(2, 1);
  }

  @Test
  void manyTimersFireInOrderOfTime() {
    long seed = 4711;
    Random random = new Random(seed);
    long[] due = new long[500];
    Recorder[] all = new Recorder[500];
    for (int step = 0; step < 5000; step++) {
      int i = random.nextInt(500);
      if (all[i] == null) {
        all[i] = new Recorder(i, 0);
      }
      if (random.nextInt(4) == 0) {
        timers.cancel(all[i]);
        due[i] = 0;
      } else {
        due[i] = 1 + random.nextInt(1000);
        timers.schedule(all[i], due[i]);
      }
    }
    timers.poll(1000, Integer.MAX_VALUE);
    long expected = java.util.Arrays.stream(due).filter(each -> each > 0).count();
    assertThat(fired).as("seed %d", seed).hasSize((int) expected).doesNotHaveDuplicates();
    assertThat(fired.stream().mapToLong(i -> due[i]).toArray()).as("seed %d", seed).isSorted();
  }
}
