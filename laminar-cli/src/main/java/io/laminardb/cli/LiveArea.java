package io.laminardb.cli;

import java.io.PrintWriter;
import java.util.List;

/**
 * Lines at the end of the terminal that are drawn anew in place, leaving what is above them alone. A
 * frame must have fewer lines than the terminal, none wider than it.
 */
final class LiveArea {
  private static final String CLEAR_LINE = "\u001b[K";

  private final PrintWriter out;
  private int drawn;

  LiveArea(PrintWriter out) {
    this.out = out;
  }

  /** Replaces the frame by this one, at once, so that nothing flickers. */
  void draw(List<String> lines) {
    StringBuilder frame = new StringBuilder();
    if (drawn > 0) {
      frame.append("\u001b[").append(drawn).append('A');
    }
    frame.append('\r');
    for (String line : lines) {
      frame.append(line).append(CLEAR_LINE).append("\r\n");
    }
    frame.append("\u001b[J");
    drawn = lines.size();
    out.print(frame);
    out.flush();
  }
}
