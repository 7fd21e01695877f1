package io.laminardb.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java of pages compiles and runs, block by block, after the SQL of the page. */
class JavaSnippetsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"api.md", "durability.md", "memory.md"})
  void everySnippetOfAPageCompilesAndRuns(String name) throws Exception {
    Path path = Path.of("..", "docs", name);
    DocPage page = DocPage.read(path);
    List<DocPage.Block> snippets =
        page.blocks().stream().filter(block -> block.tag().equals("java")).toList();
    compile(source(snippets));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      Class<?> type = loader.loadClass("Snippets");
      for (int i = 0; i < snippets.size(); i++) {
        try (LaminarDB db = LaminarDB.open()) {
          for (DocPage.Block block : page.blocks()) {
            if (block.isSql()) {
              db.execute(block.text());
            }
          }
          type.getMethod("snippet" + i, LaminarDB.class, Path.class)
              .invoke(null, db, directory.resolve("db" + i));
        } catch (InvocationTargetException e) {
          throw new AssertionError(path + ":" + snippets.get(i).line(), e.getCause());
        }
      }
    }
  }

  private static String source(List<DocPage.Block> snippets) {
    StringBuilder source =
        new StringBuilder(
            """
            import io.laminardb.*;
            import io.laminardb.core.durable.*;
            import io.laminardb.core.error.*;
            import io.laminardb.core.runtime.Metrics;
            import io.laminardb.core.time.*;
            import java.nio.file.Path;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            import org.apache.arrow.memory.*;
            import org.apache.arrow.vector.*;
            import org.apache.arrow.vector.dictionary.Dictionary;
            import org.apache.arrow.vector.dictionary.DictionaryEncoder;
            import org.apache.arrow.vector.dictionary.DictionaryProvider;
            import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

            public class Snippets {
            """);
    for (int i = 0; i < snippets.size(); i++) {
      String text = snippets.get(i).text();
      boolean member = text.startsWith("public interface "); // one that generated code has to see
      source
          .append(member ? text.indent(2) : "")
          .append("  public static void snippet")
          .append(i)
          .append("(LaminarDB db, Path dir) throws Exception {\n")
          .append(member ? "" : text.indent(4))
          .append("  }\n");
    }
    return source.append("}\n").toString();
  }

  private void compile(String source) throws IOException {
    Path file = Files.writeString(directory.resolve("Snippets.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      List<String> options = new ArrayList<>(List.of("-d", directory.toString(), "-cp", classPath));
      compiler.getTask(null, files, problems, options, null, files.getJavaFileObjects(file)).call();
    }
    assertThat(
            problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString)
                .collect(Collectors.joining("\n")))
        .isEmpty();
  }
}
