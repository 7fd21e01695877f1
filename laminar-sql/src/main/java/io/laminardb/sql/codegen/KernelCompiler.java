package io.laminardb.sql.codegen;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.codehaus.commons.compiler.CompileException;
import org.codehaus.commons.compiler.InternalCompilerException;
import org.codehaus.janino.SimpleCompiler;

/**
 * Turns Java source into classes with Janino, and keeps the last ones: a bounded cache by source
 * text, comments and the class's name aside, so that equal shapes share the class of the first one.
 * Every class has a class loader of its own and is unloaded once it has left
 * the cache and its last kernel is gone. Safe for several threads; they compile one at a time.
 */
public final class KernelCompiler {
  private static final int DEFAULT_CAPACITY = 512;
  private static final ClassLoader OWN_LOADER = KernelCompiler.class.getClassLoader();
  private static final ClassLoader OWN_PARENT = new KernelParent(OWN_LOADER);
  private static final KernelCompiler SHARED = new KernelCompiler(DEFAULT_CAPACITY);

  private final int capacity;
  private final Map<String, Class<?>> classes = new LinkedHashMap<>(64, 0.75f, true);
  private long hits;
  private long misses;
  private long evictions;

  /** A compiler that keeps {@code capacity} classes. */
  public KernelCompiler(int capacity) {
    this.capacity = capacity;
  }

  /** The compiler of this process. */
  public static KernelCompiler shared() {
    return SHARED;
  }

  /**
   * Compiles a small class, so that the next one does not pay for loading the compiler. Takes about
   * half a second; meant for a background thread.
   */
  public static void warmUp() {
    new KernelCompiler(1)
        .compile(
            "WarmUp", "public final class WarmUp { public long twice(long x) { return 2 * x; } }");
  }

  /** How often the cache helped and did not. */
  public record Statistics(int classes, long hits, long misses, long evictions) {}

  public synchronized Statistics statistics() {
    return new Statistics(classes.size(), hits, misses, evictions);
  }

  /** Forgets all classes; those in use stay alive as long as their kernels. */
  public synchronized void clear() {
    classes.clear();
  }

  /**
   * The class {@code name} of a source file in the default package, or one that differs in its name
   * only.
   *
   * @throws LaminarException QUERY_TOO_COMPLEX when the class does not fit into what the JVM allows
   */
  public Class<?> compile(String name, String source) {
    return compile(name, source, OWN_LOADER);
  }

  /** As {@link #compile(String, String)}, of a source that names classes which {@code parent} sees. */
  synchronized Class<?> compile(String name, String source, ClassLoader parent) {
    String loader = parent == OWN_LOADER ? "" : "// " + System.identityHashCode(parent) + "\n";
    String key = loader + withoutComments(source).replace(name, "@");
    Class<?> known = classes.get(key);
    if (known != null) {
      hits++;
      return known;
    }
    misses++;
    Class<?> compiled = janino(name, source, parent);
    classes.put(key, compiled);
    if (classes.size() > capacity) {
      evictions++;
      classes.remove(classes.keySet().iterator().next());
    }
    return compiled;
  }

  private static Class<?> janino(String name, String source, ClassLoader parent) {
    try {
      SimpleCompiler compiler = new SimpleCompiler();
      compiler.setParentClassLoader(parent == OWN_LOADER ? OWN_PARENT : parent);
      compiler.setDebuggingInformation(true, true, false);
      compiler.cook(name + ".java", source);
      return compiler.getClassLoader().loadClass(name);
    } catch (StackOverflowError e) {
      throw tooComplex(e);
    } catch (InternalCompilerException e) {
      throw mentionsSize(e) ? tooComplex(e) : failed(e, source);
    } catch (CompileException | ClassNotFoundException | LinkageError e) {
      throw mentionsSize(e) ? tooComplex(e) : failed(e, source);
    }
  }

  /** The loader of generated classes that name nothing of a user's. */
  static ClassLoader ownLoader() {
    return OWN_LOADER;
  }

  /** Whether {@code type} is what {@code loader} finds by its name. */
  static boolean sees(ClassLoader loader, Class<?> type) {
    try {
      return Class.forName(type.getName(), false, loader) == type;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean mentionsSize(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains("grows beyond 64 KB")
          || message.contains("too large")
          || message.contains("0xFFFF")
          || cause instanceof StackOverflowError) {
        return true;
      }
    }
    return false;
  }

  private static LaminarException tooComplex(Throwable cause) {
    return new LaminarException(
            ErrorCode.QUERY_TOO_COMPLEX,
            "The expressions of this query do not fit into one generated class.",
            cause)
        .mend("Split the query into two streams, the second reading the first.");
  }

  private static LaminarException failed(Throwable cause, String source) {
    return new LaminarException(
        ErrorCode.INTERNAL_ERROR,
        "generated code does not compile: " + cause.getMessage() + "\n" + source,
        cause);
  }

  private static String withoutComments(String source) {
    StringBuilder key = new StringBuilder(source.length());
    source
        .lines()
        .filter(line -> !line.stripLeading().startsWith("//"))
        .forEach(line -> key.append(withoutComment(line)).append('\n'));
    return key.toString();
  }

  /** Comments end lines that declare fields; texts with slashes are fields, not in the source. */
  private static String withoutComment(String line) {
    int comment = line.indexOf("; //");
    return comment < 0 || line.indexOf('"') >= 0 ? line : line.substring(0, comment + 1);
  }
}
