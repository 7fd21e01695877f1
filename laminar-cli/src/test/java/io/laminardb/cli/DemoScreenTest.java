package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.Row;
import io.laminardb.cli.DemoScreen.Block;
import io.laminardb.cli.DemoScreen.Progress;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemoScreenTest {
  private static final Schema HOURS =
      Schema.appendOnly(
          Field.of("since", DataType.timestamp(0)),
          Field.of("origin", DataType.VARCHAR),
          Field.of("avg_delay", DataType.DOUBLE));
  private static final Progress HALF =
      new Progress(100_000, 200_000, 0, "2001-01-07 10:00", 500_000_000);

  private final DemoScreen screen = new DemoScreen(Look.PLAIN);

  private static List<Row> rows(int count) {
    return IntStream.range(0, count)
        .<Row>mapToObj(i -> HandRow.of(HOURS, "2001-01-07T10:00:00", "OR" + i, 1234.56))
        .toList();
  }

  private static Block block(int rowCount) {
    return new Block("bad_hours", "note", rows(rowCount));
  }

  @Test
  void showsProgressWatermarkLateRowsAndSpeed() {
    List<String> frame = screen.frame(HALF, List.of(block(2)), 80, 12);
    assertThat(frame.get(0)).contains(" 50 %  100,000 of 200,000 flights").contains("#.");
    assertThat(frame.get(1)).isEqualTo("watermark 2001-01-07 10:00 - 0 late - 200,000 rows/s");
    assertThat(frame).contains("  2001-01-07 10:00  OR1       1,234.6");
  }

  @Test
  void fitsTheTerminalAndStaysAsHighWhileResultsCome() {
    for (int height = 10; height < 45; height++) {
      List<Block> few = List.of(block(0), block(1), block(30), block(30), block(2));
      List<Block> many = List.of(block(30), block(30), block(30), block(30), block(30));
      List<String> frame = screen.frame(HALF, few, 40, height);
      assertThat(frame).hasSizeLessThanOrEqualTo(height);
      assertThat(frame).hasSameSizeAs(screen.frame(HALF, many, 40, height));
      assertThat(frame).allMatch(line -> TextWidth.of(line) <= 40);
    }
  }

  @Test
  void showsTheLatestRowsWhenNotAllFit() {
    List<String> table = screen.table(rows(5), 2);
    assertThat(table).hasSize(3);
    assertThat(table.get(1)).contains("OR3");
    assertThat(table.get(2)).contains("OR4");
  }

  @Test
  void drawsAFrameOverTheOneBefore() {
    StringWriter terminal = new StringWriter();
    LiveArea area = new LiveArea(new PrintWriter(terminal));
    area.draw(List.of("one", "two"));
    assertThat(terminal.toString()).doesNotContain("\u001b[2A");
    area.draw(List.of("three"));
    assertThat(terminal.toString()).endsWith("\u001b[2A\rthree\u001b[K\r\n\u001b[J");
  }

  @Test
  void cutsTextToCellsAndKeepsColours() {
    assertThat(TextWidth.cut("\u001b[1mabcdef\u001b[0m", 3)).isEqualTo("\u001b[1mabc\u001b[0m");
    assertThat(TextWidth.cut("東京都", 5)).isEqualTo("東京");
    assertThat(TextWidth.ofColored("\u001b[1mab\u001b[0m")).isEqualTo(2);
  }
}
