package io.laminardb.core.operator.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.operator.window.CalendarGrid.Unit;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CalendarGridTest {
  private static final long DAY_MS = 86_400_000;

  @Test
  void everyTimeLiesInTheUnitThatItsIndexNames() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    List<String> zones = new ArrayList<>(new TreeSet<>(ZoneId.getAvailableZoneIds()));
    for (int i = 0; i < 200; i++) {
      String zone = zones.get(random.nextInt(zones.size()));
      Unit unit = Unit.values()[random.nextInt(2)];
      long shift = random.nextBoolean() ? 0 : random.nextInt(86_400) - 43_200;
      long slice = 900L * (1 + random.nextInt(48));
      CalendarGrid grid =
          random.nextInt(3) == 0
              ? CalendarGrid.slices(slice, ZoneId.of(zone), 1_000_000)
              : new CalendarGrid(unit, ZoneId.of(zone), shift, 1_000_000);
      for (int j = 0; j < 200; j++) {
        long time = Math.floorMod(random.nextLong(), 200 * 366 * DAY_MS) - 100 * 366 * DAY_MS;
        long index = grid.indexOf(time);
        String what = "seed " + seed + ", " + grid + ", " + time;
        assertThat(grid.timeOf(index)).as(what).isLessThanOrEqualTo(time);
        assertThat(grid.timeOf(index + 1)).as(what).isGreaterThan(time);
        assertThat(grid.indexOf(grid.timeOf(index + 1))).as(what).isGreaterThan(index);
      }
    }
  }

  @Test
  void daysBeginWithTheFirstInstantOfTheirDate() {
    for (String zone :
        List.of("Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kolkata")) {
      CalendarGrid grid = new CalendarGrid(Unit.DAY, ZoneId.of(zone), 0, 1_000_000_000);
      for (LocalDate day = LocalDate.of(2015, 1, 1); day.getYear() < 2020; day = day.plusDays(1)) {
        assertThat(grid.timeOf(day.toEpochDay()))
            .isEqualTo(day.atStartOfDay(ZoneId.of(zone)).toEpochSecond());
      }
    }
  }

  @Test
  void aMonthIsAsLongAsItIs() {
    CalendarGrid grid = new CalendarGrid(Unit.MONTH, ZoneId.of("UTC"), 0, 1);
    long february = Instant.parse("2024-02-01T00:00:00Z").getEpochSecond() * 1_000_000_000;
    assertThat(grid.timeOf(grid.indexOf(february))).isEqualTo(february);
    assertThat(grid.timeOf(grid.indexOf(february) + 1) - february)
        .isEqualTo(29 * DAY_MS * 1_000_000);
    assertThat(grid.indexOf(february - 1)).isEqualTo(grid.indexOf(february) - 1);
  }

  @Test
  void farBeyondTheCalendarItsEndsStandStill() {
    CalendarGrid grid = new CalendarGrid(Unit.DAY, ZoneId.of("Europe/Berlin"), 0, 1_000_000);
    assertThat(grid.reaches(Long.MAX_VALUE)).isFalse();
    assertThat(grid.indexOf(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(grid.timeOf(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(grid.timeOf(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
  }
}
