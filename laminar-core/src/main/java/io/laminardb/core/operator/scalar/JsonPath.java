package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a value of a JSON text by its path, {@code $.key[0]."other key"}, counted from the end where
 * an index is negative. Remembers the last path, so that a constant one is read once.
 *
 * <p>The functions of the SQL standard, {@link #exists}, {@link #value} and {@link #query}, find
 * nothing in a text that is not JSON; the others fail.
 */
public final class JsonPath {
  private static final byte[][] TYPES = {
    "OBJECT".getBytes(StandardCharsets.US_ASCII),
    "ARRAY".getBytes(StandardCharsets.US_ASCII),
    "VARCHAR".getBytes(StandardCharsets.US_ASCII),
    "BOOLEAN".getBytes(StandardCharsets.US_ASCII),
    "NULL".getBytes(StandardCharsets.US_ASCII),
    "DOUBLE".getBytes(StandardCharsets.US_ASCII),
    "BIGINT".getBytes(StandardCharsets.US_ASCII)
  };

  /**
   * A key, or an index where the key is null.
   *
   * @param either whether it is the index where there is an array, else the key
   */
  private record Step(byte[] key, int index, boolean either) {}

  private final JsonScanner json = new JsonScanner();
  private final Utf8Buffer keys;
  private byte[] lastPath;
  private Step[] steps;
  private int from; // of the value found
  private int to;

  /**
   * Finds values.
   *
   * @param keys where keys with escapes are decoded; the caller's
   */
  public JsonPath(Utf8Buffer keys) {
    this.keys = keys;
  }

  /** JSON_EXISTS. */
  public boolean exists(Utf8 text, Utf8 path) {
    return find(text, path, false);
  }

  /** JSON_VALUE: a text, number or boolean as text, or null. */
  public Utf8 value(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    return find(text, path, false) && !isStructure() ? scalar(buffer) : null;
  }

  /** JSON_QUERY: an object or an array as JSON, or null. */
  public Utf8 query(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    return find(text, path, false) && isStructure() ? json.compact(from, to, buffer) : null;
  }

  /** Any value as JSON, or null; nothing in a text that is not JSON. */
  public Utf8 any(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    return find(text, path, false) ? json.compact(from, to, buffer) : null;
  }

  /**
   * What looking for a value gives: 0 a text, number, boolean or null, 1 nothing, 2 that the text is
   * not JSON, 3 an object, 4 an array.
   */
  public int outcome(Utf8 text, Utf8 path) {
    prepare(path);
    if (!open(text, false)) {
      return 2;
    }
    if (!walk()) {
      return 1;
    }
    json.at(from);
    return json.peek() == '{' ? 3 : json.peek() == '[' ? 4 : 0;
  }

  /** ERROR ON EMPTY and ERROR ON ERROR: fails. */
  public Utf8 failure(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    int outcome = outcome(text, path);
    throw Failures.argument(
        outcome == 2
            ? "'" + Failures.shortened(text) + "' is not JSON."
            : (outcome == 1
                    ? "There is nothing"
                    : "There is no value of the kind or type asked for")
                + " at "
                + path
                + " of '"
                + Failures.shortened(text)
                + "'.");
  }

  /** A key of JSON_OBJECT that is NULL: fails. */
  public Utf8 keyFailure() {
    throw Failures.argument("A key of JSON_OBJECT is NULL.");
  }

  /** JSON_UNQUOTE: the text that a JSON text means; others as they are. */
  public Utf8 unquote(Utf8Buffer buffer, Utf8 text) {
    if (!open(text, false) || json.peek() != '"') {
      return text;
    }
    return json.decode(from, to, buffer);
  }

  /** JSON_EXTRACT of an element by its index. */
  public Utf8 extract(Utf8Buffer buffer, Utf8 text, long index) {
    return find(text, index) ? json.compact(from, to, buffer) : null;
  }

  /** JSON_EXTRACT_STRING of an element by its index. */
  public Utf8 extractString(Utf8Buffer buffer, Utf8 text, long index) {
    if (!find(text, index)) {
      return null;
    }
    return isStructure() ? json.compact(from, to, buffer) : scalar(buffer);
  }

  /** JSON_EXTRACT: any value as JSON, or null. */
  public Utf8 extract(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    return find(text, path, true) ? json.compact(from, to, buffer) : null;
  }

  /** JSON_EXTRACT_STRING: a text as it is, other values as JSON, null where there is none. */
  public Utf8 extractString(Utf8Buffer buffer, Utf8 text, Utf8 path) {
    if (!find(text, path, true)) {
      return null;
    }
    return isStructure() ? json.compact(from, to, buffer) : scalar(buffer);
  }

  /** JSON_VALID. */
  public boolean valid(Utf8 text) {
    json.open(text);
    return json.isValid();
  }

  /** JSON_TYPE of the whole text. */
  public Utf8 type(Utf8Buffer buffer, Utf8 text) {
    open(text, true);
    return buffer.setBytes(TYPES[typeIndex()]);
  }

  private int typeIndex() {
    return switch (json.peek()) {
      case '{' -> 0;
      case '[' -> 1;
      case '"' -> 2;
      case 't', 'f' -> 3;
      case 'n' -> 4;
      default -> isWhole() ? 6 : 5;
    };
  }

  private boolean isWhole() {
    for (int i = from; i < to; i++) {
      json.at(i);
      byte c = json.peek();
      if (c == '.' || c == 'e' || c == 'E') {
        return false;
      }
    }
    return true;
  }

  /** JSON_ARRAY_LENGTH of the whole text; 0 of what is no array. */
  public int arrayLength(Utf8 text) {
    open(text, true);
    return json.peek() == '[' ? countElements() : 0;
  }

  private Utf8 scalar(Utf8Buffer buffer) {
    json.at(from);
    return switch (json.peek()) {
      case '"' -> json.decode(from, to, buffer);
      case 'n' -> null;
      default -> json.compact(from, to, buffer);
    };
  }

  private boolean isStructure() {
    json.at(from);
    return json.peek() == '{' || json.peek() == '[';
  }

  /** Stands at the value of the whole text; false when that is not JSON. */
  private boolean open(Utf8 text, boolean strict) {
    json.open(text);
    if (!json.isValid()) {
      if (strict) {
        throw Failures.argument("'" + Failures.shortened(text) + "' is not JSON.");
      }
      return false;
    }
    json.at(0);
    json.skipBlanks();
    from = json.at();
    json.skipValue();
    to = json.at();
    json.at(from);
    return true;
  }

  private boolean find(Utf8 text, Utf8 path, boolean strict) {
    prepare(path);
    return open(text, strict) && walk();
  }

  private boolean find(Utf8 text, long index) {
    open(text, true);
    if (index != (int) index || !toElement((int) index)) {
      return false;
    }
    from = json.at();
    json.skipValue();
    to = json.at();
    return true;
  }

  /** Goes the steps of the path from where the whole begins. */
  private boolean walk() {
    for (Step step : steps) {
      boolean element = step.key == null || step.either && json.peek() == '[';
      boolean noIndex = step.either && step.index < 0;
      boolean found = element ? !noIndex && toElement(step.index) : toMember(step.key);
      if (!found) {
        return false;
      }
    }
    from = json.at();
    json.skipValue();
    to = json.at();
    return true;
  }

  private boolean toMember(byte[] key) {
    if (json.peek() != '{') {
      return false;
    }
    while (json.next()) {
      boolean found = json.isKey(key, keys);
      json.skipColon();
      if (found) {
        return true;
      }
      json.skipValue();
    }
    return false;
  }

  private boolean toElement(int index) {
    if (json.peek() != '[') {
      return false;
    }
    int start = json.at();
    int wanted = index;
    if (index < 0) {
      wanted = countElements() + index;
      json.at(start);
    }
    for (int i = 0; wanted >= 0 && json.next(); i++) {
      if (i == wanted) {
        return true;
      }
      json.skipValue();
    }
    return false;
  }

  private int countElements() {
    int count = 0;
    while (json.next()) {
      json.skipValue();
      count++;
    }
    return count;
  }

  // ---- paths

  private void prepare(Utf8 path) {
    if (lastPath == null || !LikePattern.same(lastPath, path)) {
      steps = parse(path.toString());
      lastPath = LikePattern.bytes(path);
    }
  }

  private static Step[] parse(String written) {
    String path = written.strip();
    if (path.startsWith("lax ") || path.startsWith("strict ")) {
      path = path.substring(path.indexOf(' ')).strip();
    }
    if (path.isEmpty()) {
      return new Step[0]; // as in DuckDB, the whole
    }
    if (path.startsWith("/")) {
      return pointer(path);
    }
    if (!path.startsWith("$")) {
      return new Step[] {key(path)}; // as in DuckDB, the name of a key alone
    }
    List<Step> steps = new ArrayList<>();
    int at = 1;
    while (at < path.length()) {
      int end = path.charAt(at) == '.' ? endOfKey(path, at + 1) : endOfIndex(path, at);
      if (end <= at + 1) {
        throw wrong(written);
      }
      String part = path.substring(at + 1, end);
      steps.add(path.charAt(at) == '.' ? key(unquoted(part, written)) : element(part, written));
      at = path.charAt(at) == '.' ? end : end + 1;
    }
    return steps.toArray(Step[]::new);
  }

  /** JSON pointer, RFC 6901: {@code /key/0}. A number is an index only where there is an array. */
  private static Step[] pointer(String path) {
    String[] parts = path.substring(1).split("/", -1);
    Step[] steps = new Step[parts.length];
    for (int i = 0; i < parts.length; i++) {
      String name = parts[i].replace("~1", "/").replace("~0", "~");
      boolean index = name.length() < 10 && name.matches("0|[1-9][0-9]*");
      steps[i] =
          new Step(
              name.getBytes(StandardCharsets.UTF_8), index ? Integer.parseInt(name) : -1, true);
    }
    return steps;
  }

  private static int endOfKey(String path, int from) {
    if (from < path.length() && path.charAt(from) == '"') {
      int close = path.indexOf('"', from + 1);
      return close + 1;
    }
    int end = from;
    while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
      end++;
    }
    return end;
  }

  private static int endOfIndex(String path, int from) {
    if (path.charAt(from) != '[') {
      return -1;
    }
    boolean quoted = from + 1 < path.length() && "'\"".indexOf(path.charAt(from + 1)) >= 0;
    int start = quoted ? path.indexOf(path.charAt(from + 1), from + 2) : from;
    return start < 0 ? -1 : path.indexOf(']', start);
  }

  private static Step element(String part, String path) {
    if (part.startsWith("'") || part.startsWith("\"")) {
      return key(part.substring(1, part.length() - 1));
    }
    try {
      String index = part.startsWith("#-") ? part.substring(1) : part;
      return new Step(null, Integer.parseInt(index.strip()), false);
    } catch (NumberFormatException e) {
      throw wrong(path);
    }
  }

  private static String unquoted(String part, String path) {
    if (part.contains("*")) {
      throw wrong(path);
    }
    return part.startsWith("\"") ? part.substring(1, part.length() - 1) : part;
  }

  private static Step key(String name) {
    return new Step(name.getBytes(StandardCharsets.UTF_8), 0, false);
  }

  private static RuntimeException wrong(String path) {
    return Failures.argument(
        "'" + path + "' is not the path of one value: write $.key, $.\"a key\" and $[0].");
  }
}
