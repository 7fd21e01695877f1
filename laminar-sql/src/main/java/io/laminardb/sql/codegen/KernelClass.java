package io.laminardb.sql.codegen;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Kernel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Java class in the making: a final subclass of a {@link Kernel} whose fields are the addresses of
 * the input's columns, the literals of the query and the scratch memory of its expressions.
 *
 * <p>It always has {@code public void bind(Batch in)}, which reads the addresses of the columns in
 * use; the operator calls it once a batch. Literals come in through the constructor, so that
 * queries of the same shape have the same source and share a class. Not for use by several threads.
 *
 * @param <T> the base class
 */
public final class KernelClass<T extends Kernel> {
  private static final Set<String> RESERVED =
      Set.of(
          "abstract",
          "assert",
          "boolean",
          "break",
          "byte",
          "case",
          "catch",
          "char",
          "class",
          "const",
          "continue",
          "default",
          "do",
          "double",
          "else",
          "enum",
          "extends",
          "false",
          "final",
          "finally",
          "float",
          "for",
          "goto",
          "if",
          "implements",
          "import",
          "instanceof",
          "int",
          "interface",
          "long",
          "native",
          "new",
          "null",
          "package",
          "private",
          "protected",
          "public",
          "return",
          "short",
          "static",
          "strictfp",
          "super",
          "switch",
          "synchronized",
          "this",
          "throw",
          "throws",
          "transient",
          "true",
          "try",
          "void",
          "volatile",
          "while",
          "var",
          "record",
          "yield",
          "row",
          "in",
          "out",
          "from",
          "to",
          "at",
          "next",
          "constants",
          "buffer",
          "text",
          "open",
          "close",
          "bind",
          "run",
          "failure",
          "other",
          "allocator",
          "limit",
          "capacity",
          "count",
          "end",
          "selected",
          "weightsIn",
          "weightsOut",
          "Memory",
          "Batch");

  private final String name;
  private final Class<T> base;
  private final Schema input;
  private final Set<String> names = new HashSet<>(RESERVED);
  private final Set<String> imports = new TreeSet<>();
  private final TreeSet<Integer> data = new TreeSet<>();
  private final TreeSet<Integer> lastWords = new TreeSet<>();
  private final TreeSet<Integer> offsets = new TreeSet<>();
  private final TreeSet<Integer> texts = new TreeSet<>();
  private final TreeSet<Integer> views = new TreeSet<>();
  private ClassLoader loader = KernelCompiler.ownLoader();
  private final TreeSet<Integer> validity = new TreeSet<>();
  private final List<String> fields = new ArrayList<>();
  private final List<String> construct = new ArrayList<>();
  private final List<String> open = new ArrayList<>();
  private final List<Object> constants = new ArrayList<>();
  private final Map<String, String> constantNames = new LinkedHashMap<>();
  private final Set<String> methods = new LinkedHashSet<>();
  private String comment = "";

  /**
   * @param name what the class is for, such as {@code Calc_trades}; shows in stack traces and profiles
   * @param base a public abstract class with a public constructor without arguments
   * @param input the columns that expressions refer to
   */
  public KernelClass(String name, Class<T> base, Schema input) {
    this.name = requireNonNull(name, "name").replaceAll("[^A-Za-z0-9_$]", "_");
    this.base = requireNonNull(base, "base");
    this.input = requireNonNull(input, "input");
    addImport("io.laminardb.core.batch.*");
    addImport("io.laminardb.core.memory.*");
    addImport("io.laminardb.core.operator.*");
    addImport("io.laminardb.core.operator.scalar.*");
    addImport("java.math.BigDecimal");
    addImport("org.apache.arrow.memory.BufferAllocator");
    addImport(base.getName().replace('$', '.'));
  }

  /** The columns that expressions refer to. */
  public Schema input() {
    return input;
  }

  /** Adds an import, such as {@code java.util.*}. */
  public void addImport(String imported) {
    imports.add(imported);
  }

  /** The comment above the class: the SQL it stands for. */
  public void comment(String text) {
    comment = text;
  }

  /** The field with the address of a column's values: {@code c3}. */
  public String data(int column) {
    data.add(column);
    return "c" + column;
  }

  /** The field with the last address in a column's values that 8 bytes can be read from: {@code e3}. */
  public String lastWord(int column) {
    lastWords.add(column);
    return "e" + column;
  }

  /** The field with the address of a column's 32-bit offsets: {@code o3}. */
  public String offsets(int column) {
    offsets.add(column);
    return "o" + column;
  }

  /**
   * The Java of the number of a row's text among the texts of a variable-width column, which may be
   * coded: their offsets start at {@link #textOffsets}, their bytes at {@link #textData}.
   */
  public String textNumber(int column) {
    texts.add(column);
    return "(x" + column + " == 0 ? row : " + textCode(column) + ")";
  }

  /** The same, of a column that is known to be coded. */
  public String textCode(int column) {
    texts.add(column);
    return "Memory.getInt(x" + column + " + ((long) row << 2))";
  }

  /** The field with the address of the offsets of a column's texts: {@code p3}. */
  public String textOffsets(int column) {
    texts.add(column);
    return "p" + column;
  }

  /** The Java of the address of the view of a row's text, of a column that is known to be coded. */
  public String textView(int column) {
    views.add(column);
    return "w" + column + " + ((long) " + textCode(column) + " << 4)";
  }

  /** The Java condition that a column is coded. */
  public String isCoded(int column) {
    texts.add(column);
    return "x" + column + " != 0";
  }

  /** The field with the address of the bytes of a column's texts: {@code q3}. */
  public String textData(int column) {
    texts.add(column);
    return "q" + column;
  }

  /** The field with the address of a column's validity bits, 0 without NULLs: {@code v3}. */
  public String validity(int column) {
    validity.add(column);
    return "v" + column;
  }

  /** The view that moves along a variable-width column: {@code u3}. */
  public String view(int column) {
    String view = "u" + column;
    if (constantNames.putIfAbsent("view " + column, view) == null) {
      fields.add("private final Utf8 " + view + " = new Utf8();");
    }
    return view;
  }

  /**
   * A field with a literal of the query.
   *
   * @param value a Boolean, Integer, Long, Float, Double, or an object whose class generated code sees
   */
  public String constant(Object value) {
    requireNonNull(value, "value");
    String known = constantNames.get(value.getClass().getName() + " " + value);
    if (known != null && isComparable(value)) {
      return known;
    }
    String field = "k" + constants.size();
    String primitive = primitiveOf(value);
    String type = primitive != null ? primitive : value.getClass().getCanonicalName();
    fields.add("private final " + type + " " + field + ";");
    construct.add(
        primitive != null
            ? field
                + " = (("
                + value.getClass().getSimpleName()
                + ") constants["
                + constants.size()
                + "])."
                + primitive
                + "Value();"
            : field + " = (" + type + ") constants[" + constants.size() + "];");
    constants.add(value);
    if (isComparable(value)) {
      constantNames.put(value.getClass().getName() + " " + value, field);
    }
    return field;
  }

  /** A field with an object, by a public type that its class loader knows. */
  public String constant(Object value, Class<?> type) {
    String field = "k" + constants.size();
    String name = type.getCanonicalName();
    fields.add("private final " + name + " " + field + ";");
    construct.add(field + " = (" + name + ") constants[" + constants.size() + "];");
    constants.add(value);
    visible(type);
    return field;
  }

  /** The name of a public class of a user, which generated code sees from now on. */
  public String visible(Class<?> type) {
    if (!KernelCompiler.sees(loader, type)) {
      loader = type.getClassLoader();
    }
    return type.getCanonicalName();
  }

  private static boolean isComparable(Object value) {
    return value instanceof Comparable;
  }

  private static String primitiveOf(Object value) {
    if (value instanceof Boolean) {
      return "boolean";
    } else if (value instanceof Integer) {
      return "int";
    } else if (value instanceof Long) {
      return "long";
    } else if (value instanceof Float) {
      return "float";
    } else if (value instanceof Double) {
      return "double";
    }
    return null;
  }

  /** A field with a text literal, a {@code Utf8} off the heap. */
  public String text(String value) {
    String known = constantNames.get("text " + value);
    if (known == null) {
      known = openField("Utf8", "literal", "text(" + constant(value) + ")");
      constantNames.put("text " + value, known);
    }
    return known;
  }

  /** A field with a {@code Utf8Buffer} for the results of one expression. */
  public String buffer() {
    return openField("Utf8Buffer", "scratch", "buffer()");
  }

  /** A final field made with the class; {@code initializer} may name constants. */
  public String field(String type, String hint, String initializer) {
    String field = fresh(hint);
    fields.add("private final " + type + " " + field + ";");
    construct.add(field + " = " + initializer + ";");
    return field;
  }

  /** A field that changes while the kernel runs. */
  public String variable(String type, String hint) {
    String field = fresh(hint);
    fields.add("private " + type + " " + field + ";");
    return field;
  }

  /** A field made when the kernel gets its memory; {@code initializer} may name constants. */
  public String openField(String type, String hint, String initializer) {
    String field = fresh(hint);
    fields.add("private " + type + " " + field + ";");
    open.add(field + " = " + initializer + ";");
    return field;
  }

  /** A Java name like {@code hint} that nobody else has. */
  public String fresh(String hint) {
    String wanted = camelCase(hint);
    if (wanted.matches("([a-z]|out)[0-9]+") || wanted.length() == 1) {
      wanted += "Value"; // c3, k0, out1 and i are ours
    }
    String free = wanted;
    for (int i = 2; !names.add(free); i++) {
      free = wanted + (Character.isDigit(wanted.charAt(wanted.length() - 1)) ? "_" : "") + i;
    }
    return free;
  }

  private static String camelCase(String hint) {
    StringBuilder result = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < hint.length(); i++) {
      char c = hint.charAt(i);
      if (c < 128 && Character.isLetterOrDigit(c)) {
        result.append(upper && !result.isEmpty() ? Character.toUpperCase(c) : c);
        upper = false;
      } else {
        upper = true;
      }
    }
    if (result.isEmpty() || Character.isDigit(result.charAt(0))) {
      result.insert(0, "value");
    }
    boolean allUpper = result.toString().equals(result.toString().toUpperCase(Locale.ROOT));
    return allUpper
        ? result.toString().toLowerCase(Locale.ROOT)
        : Character.toLowerCase(result.charAt(0)) + result.substring(1);
  }

  /**
   * Lines that copy the column addresses used so far into local variables of the same names, for the
   * head of a method with a hot loop. Call it when the loop's body has been compiled.
   */
  public CodeBuffer localAddresses(int indent) {
    CodeBuffer code = new CodeBuffer(indent);
    data.forEach(i -> code.line("final long c" + i + " = this.c" + i + ";"));
    lastWords.forEach(i -> code.line("final long e" + i + " = this.e" + i + ";"));
    offsets.forEach(i -> code.line("final long o" + i + " = this.o" + i + ";"));
    for (String field : List.of("x", "p", "q")) {
      texts.forEach(i -> code.line("final long " + field + i + " = this." + field + i + ";"));
    }
    views.forEach(i -> code.line("final long w" + i + " = this.w" + i + ";"));
    validity.forEach(i -> code.line("final long v" + i + " = this.v" + i + ";"));
    return code;
  }

  /** Adds a whole method, written one level deep. */
  public void method(CodeBuffer code) {
    methods.add(code.toString());
  }

  /** The whole class, with comments for the reader. */
  public String source() {
    CodeBuffer code = new CodeBuffer(0);
    imports.forEach(imported -> code.line("import " + imported + ";"));
    code.line("");
    comment.lines().forEach(line -> code.line("// " + line));
    code.open("public final class " + name + " extends " + base.getSimpleName());
    data.forEach(i -> code.line("private long c" + i + "; // " + input.field(i)));
    lastWords.forEach(i -> code.line("private long e" + i + ";"));
    offsets.forEach(i -> code.line("private long o" + i + ";"));
    views.forEach(i -> code.line("private long w" + i + ";"));
    texts.forEach(
        i -> code.line("private long x" + i + ", p" + i + ", q" + i + "; // " + input.field(i)));
    validity.forEach(i -> code.line("private long v" + i + ";"));
    fields.forEach(code::line);
    code.line("");
    code.open("public " + name + "(Object[] constants)");
    construct.forEach(code::line);
    code.close();
    if (!open.isEmpty()) {
      code.line("");
      code.open("public void open(BufferAllocator allocator)").line("super.open(allocator);");
      open.forEach(code::line);
      code.close();
    }
    code.line("");
    bind(code);
    StringBuilder all = new StringBuilder();
    methods.forEach(method -> all.append('\n').append(method));
    String head = code.toString();
    return head + all + "}\n";
  }

  private void bind(CodeBuffer code) {
    code.open("public void bind(Batch in)");
    data.forEach(i -> code.line("c" + i + " = in.column(" + i + ").dataAddress();"));
    lastWords.forEach(i -> code.line("e" + i + " = in.column(" + i + ").lastWordAddress();"));
    offsets.forEach(i -> code.line("o" + i + " = in.column(" + i + ").offsetsAddress();"));
    views.forEach(i -> code.line("w" + i + " = in.column(" + i + ").textViewsAddress();"));
    texts.forEach(i -> code.line("x" + i + " = in.column(" + i + ").codesAddress();"));
    texts.forEach(i -> code.line("p" + i + " = in.column(" + i + ").textOffsetsAddress();"));
    texts.forEach(i -> code.line("q" + i + " = in.column(" + i + ").textDataAddress();"));
    validity.forEach(i -> code.line("v" + i + " = in.column(" + i + ").validityAddress();"));
    code.close();
  }

  /** Compiles the class, or finds one with the same source. */
  public CompiledKernel<T> compile() {
    return compile(KernelCompiler.shared());
  }

  /** As {@link #compile()} with a cache of its own. */
  public CompiledKernel<T> compile(KernelCompiler compiler) {
    String source = source();
    return new CompiledKernel<>(
        compiler.compile(name, source, loader), base, source, constants.toArray());
  }
}
