package io.laminardb.sql.codegen;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What generated classes see: the JDK and LaminarDB. Janino asks for each simple name in every package that is
 * imported, and as a class nested in each part of the package's name: dozens of names a kernel that are nowhere, each
 * of which would be looked for in every jar of the class path. Here most of them are known from their spelling, and
 * the others once they were not found. Any thread.
 */
final class KernelParent extends ClassLoader {
  private final Set<String> absent =
      ConcurrentHashMap.newKeySet(); // bounded by the names in generated code

  /**
   * @param own sees LaminarDB
   */
  KernelParent(ClassLoader own) {
    super(own);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (isNone(name) || absent.contains(name)) {
      throw new ClassNotFoundException(name);
    }
    try {
      return name.startsWith("java.")
          ? getPlatformClassLoader().loadClass(name)
          : super.loadClass(name, resolve);
    } catch (ClassNotFoundException e) {
      absent.add(name);
      throw e;
    }
  }

  /** In the default package, or nested in what begins with a small letter as packages do. */
  private static boolean isNone(String name) {
    int nested = name.indexOf('$');
    int dot = name.lastIndexOf('.', nested < 0 ? name.length() : nested);
    return dot < 0 || nested >= 0 && Character.isLowerCase(name.charAt(dot + 1));
  }
}
