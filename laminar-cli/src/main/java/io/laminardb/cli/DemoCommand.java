package io.laminardb.cli;

import io.laminardb.Rows;
import io.laminardb.cli.Demo.Answer;
import io.laminardb.cli.DemoScreen.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code laminar demo}. */
@Command(
    name = "demo",
    description = {
      "Run examples/flights.sql over 200,000 flights and watch the results.",
      "On a terminal the file is slowed down to be watched, then read again at full speed."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final long FRAME_NS = 200_000_000;
  private static final int MAX_FRAME_HEIGHT = 42;

  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      paramLabel = "s",
      description = "How long to watch; 12 is the default, 0 is full speed.")
  private double seconds = 12;

  @Option(names = "--plain", description = "Lines instead of the live view, at full speed.")
  private boolean plain;

  @Option(
      names = "--out",
      paramLabel = "directory",
      description = "Where the sinks of the script write.")
  private Path outDirectory = Path.of(System.getProperty("java.io.tmpdir"), "laminar-demo");

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean live = !plain && Terminals.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    Look look = live ? Look.of(true, System.getenv()) : Look.PLAIN;
    try {
      return run(live, out, look);
    } catch (RuntimeException e) {
      Errors.print(spec.commandLine().getErr(), look, "examples/flights.sql", "", e);
      return 1;
    }
  }

  private int run(boolean live, PrintWriter out, Look look) throws IOException {
    out.println(look.bold("LaminarDB") + ": continuous SQL over 200,000 US flights");
    out.println(
        look.dim("The statements are in examples/flights.sql; the first of a JVM take a second."));
    out.println();
    out.flush();
    if (live && seconds > 0) {
      watch(out, look);
      out.println();
    }
    try (Demo demo = Demo.open(outDirectory)) {
      demo.start();
      while (!demo.isDone()) {
        LockSupport.parkNanos(FRAME_NS / 20);
      }
      summary(demo, out, look);
      return demo.failures().isEmpty() ? 0 : 1;
    }
  }

  private void watch(PrintWriter out, Look look) throws IOException {
    DemoScreen screen = new DemoScreen(look);
    LiveArea area = new LiveArea(out);
    try (Terminal terminal = TerminalBuilder.builder().system(true).build();
        Demo demo = Demo.open(outDirectory)) {
      demo.pace(seconds);
      demo.start();
      boolean done;
      do {
        done = demo.isDone();
        Size size = terminal.getSize();
        int height = Math.min(MAX_FRAME_HEIGHT, Math.max(10, size.getRows() - 1));
        int rows = DemoScreen.rowsPerBlock(Demo.BLOCKS, height);
        int width = Math.max(40, size.getColumns() - 1);
        area.draw(screen.frame(demo.progress(), demo.blocks(rows), width, height));
        if (!done) {
          LockSupport.parkNanos(FRAME_NS);
        }
      } while (!done);
    }
  }

  private void summary(Demo demo, PrintWriter out, Look look) {
    Progress progress = demo.progress();
    out.println(
        look.bold(String.format(Locale.ROOT, "%,d rows read", progress.rowsRead()))
            + String.format(
                Locale.ROOT,
                " at full speed in %.2f s: %,.0f rows/s through all queries",
                progress.elapsedNs() / 1e9,
                progress.rowsPerSecond()));
    out.println(
        String.format(
            Locale.ROOT, "%,d late rows; watermark %s", progress.lateRows(), progress.watermark()));
    out.println();
    for (DemoPanel panel : demo.panels()) {
      out.println(
          String.format(Locale.ROOT, "%,7d results of ", panel.rowCount())
              + look.cyan(TextWidth.padRight(panel.name(), 13))
              + look.dim(panel.title()));
    }
    demo.failures().forEach(failure -> out.println(look.red(failure)));
    for (Answer answer : demo.answers()) {
      out.println();
      out.println(look.dim(answer.sql() + ";"));
      try (Rows rows = answer.rows()) {
        ResultPrinter printer = ResultMode.TABLE.printer(out, rows.schema(), false, look);
        rows.forEach(printer::print);
        printer.finish();
      }
    }
    out.println();
    out.println("The sinks wrote bad-hours.csv and days.jsonl to " + outDirectory + ".");
    out.println("Try ./laminar shell next, or change examples/flights.sql.");
    out.flush();
  }
}
