package io.laminardb.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Steps in a JVM that has done nothing yet. The JVM prints a line for each, {@code name milliseconds}, by {@link
 * #step}; its starter collects them.
 */
final class FreshJvm {
  private FreshJvm() {}

  /**
   * Starts a JVM without options, which has this one's class path, and waits for its end.
   *
   * @param main does the steps
   * @param samples gets what the lines say, by name; and as {@code process_ms} the time from before the
   *     process to the first line
   * @throws IllegalStateException where it fails
   */
  static void run(Class<?> main, List<String> arguments, Map<String, Samples> samples)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      boolean first = true;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (first) {
          add(samples, "process_ms", (System.nanoTime() - start) / 1e6);
          first = false;
        }
        String[] parts = line.split(" ");
        add(samples, parts[0], Double.parseDouble(parts[1]));
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the JVM ended with status " + process.exitValue());
    }
  }

  private static void add(Map<String, Samples> samples, String name, double value) {
    samples.computeIfAbsent(name, any -> new Samples()).add(value);
  }

  /**
   * Ends a step, and prints it.
   *
   * @return when the next one begins, in nanoseconds as {@link System#nanoTime} counts them
   */
  static long step(String name, long startNs) {
    long end = System.nanoTime();
    System.out.println(name + " " + (end - startNs) / 1e6);
    return System.nanoTime();
  }
}
