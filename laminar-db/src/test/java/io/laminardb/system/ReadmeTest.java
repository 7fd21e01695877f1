package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's quick start compiles as printed, and prints what it says. */
class ReadmeTest {
  private static final Pattern QUICK_START =
      Pattern.compile("<!-- quick-start:.*?-->\\s*```java\\n(.*?)```", Pattern.DOTALL);

  @Test
  void quickStartCompilesAndRuns(@TempDir Path folder) throws Exception {
    Matcher block = QUICK_START.matcher(Files.readString(Path.of("../README.md")));
    assertThat(block.find()).as("README.md has a quick start").isTrue();
    String expected = "AAPL 187.75";
    assertThat(block.group(1)).contains("// " + expected);
    compile(folder, block.group(1));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass("QuickStart").getMethod("run").invoke(null);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).strip()).isEqualTo(expected);
  }

  private static void compile(Path folder, String body) throws IOException {
    String source =
        "import io.laminardb.*;\npublic class QuickStart {\n  public static void run() {\n"
            + body
            + "  }\n}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///QuickStart.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    boolean done = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
    assertThat(done).as("%s", messages).isTrue();
  }
}
