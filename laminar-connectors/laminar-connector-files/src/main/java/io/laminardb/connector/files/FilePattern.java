package io.laminardb.connector.files;

import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;

/** A path as written: one file, all files of a directory, or those a glob matches. Immutable. */
final class FilePattern {
  private static final String GLOB_CHARACTERS = "*?[{";

  private final String written;
  private final boolean glob;

  private FilePattern(String written, boolean glob) {
    this.written = written;
    this.glob = glob;
  }

  /** Checks the option {@code path}. */
  static FilePattern of(ConnectorOptions options, String path) {
    if (path.contains("://")) {
      throw options.invalid("path", "must be a path of this machine").mend("Mount or copy it.");
    }
    boolean glob = firstGlobCharacter(path) >= 0;
    try {
      if (glob) {
        baseOf(path).getFileSystem().getPathMatcher("glob:" + path);
      } else {
        Path.of(path);
      }
    } catch (IllegalArgumentException e) {
      throw options.invalid("path", "is no path or glob (" + e.getMessage() + ")");
    }
    return new FilePattern(path, glob);
  }

  boolean isGlob() {
    return glob;
  }

  /** The one path; not for globs. */
  Path literal() {
    return Path.of(written);
  }

  /** The files there are now, in the order of their names; none is an empty list. */
  List<Path> list() {
    try {
      Path one = literalOrNull();
      if (one != null && Files.isRegularFile(one)) {
        return List.of(one);
      }
      if (one != null && Files.isDirectory(one)) {
        try (Stream<Path> files = Files.list(one)) {
          return files.filter(FilePattern::isData).sorted().toList();
        }
      }
      if (one != null && Files.exists(one)) {
        return List.of(one); // a pipe or a device
      }
      return glob ? matches() : List.of();
    } catch (IOException e) {
      throw failure(e);
    } catch (UncheckedIOException e) {
      throw failure(e.getCause());
    }
  }

  private List<Path> matches() throws IOException {
    Path base = baseOf(written);
    if (!Files.isDirectory(base)) {
      return List.of();
    }
    PathMatcher matcher = base.getFileSystem().getPathMatcher("glob:" + written);
    String behindBase =
        written.substring(Math.max(0, written.lastIndexOf('/', firstGlobCharacter(written))));
    int depth =
        behindBase.contains("**") || behindBase.contains("{")
            ? Integer.MAX_VALUE
            : (int) behindBase.chars().filter(c -> c == '/').count()
                + (behindBase.startsWith("/") ? 0 : 1);
    boolean relative = base.toString().isEmpty();
    try (Stream<Path> files = Files.walk(base, depth, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(file -> matcher.matches(file) && isData(file))
          .map(file -> relative ? file : file.normalize())
          .sorted()
          .toList();
    }
  }

  /** A file that is not hidden and not still being written by a sink. */
  private static boolean isData(Path file) {
    String name = file.getFileName().toString();
    boolean setAside = name.startsWith(".") || name.startsWith("_");
    return !setAside && !name.endsWith(FilesWriter.STAGED) && Files.isRegularFile(file);
  }

  private Path literalOrNull() {
    try {
      return Path.of(written);
    } catch (InvalidPathException e) {
      return null; // where a glob's characters cannot be part of a name
    }
  }

  private LaminarException failure(IOException e) {
    return new LaminarException(
        ErrorCode.IO_ERROR, "cannot list \"" + written + "\": " + e.getMessage() + ".", e);
  }

  private static Path baseOf(String path) {
    int slash = path.lastIndexOf('/', firstGlobCharacter(path));
    return Path.of(slash < 0 ? "" : slash == 0 ? "/" : path.substring(0, slash));
  }

  private static int firstGlobCharacter(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (GLOB_CHARACTERS.indexOf(path.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return written;
  }
}
