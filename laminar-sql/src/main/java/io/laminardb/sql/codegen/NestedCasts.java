package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;

/**
 * Casts between nested types: a method a pair of types, which converts value by value as the casts of
 * plain types do.
 */
final class NestedCasts {
  private final ExpressionCompiler compiler;
  private final KernelClass<?> kernel;

  NestedCasts(ExpressionCompiler compiler) {
    this.compiler = compiler;
    this.kernel = compiler.kernel();
  }

  /** Values whose bytes are the same whatever their types are called. */
  static boolean isSame(DataType from, DataType to) {
    if (from.kind() != to.kind() || from.children().size() != to.children().size()) {
      return false;
    }
    if (!from.isNested()) {
      return from.equals(to);
    }
    for (int i = 0; i < from.children().size(); i++) {
      if (!isSame(from.children().get(i).type(), to.children().get(i).type())) {
        return false;
      }
    }
    return true;
  }

  /** Java that converts {@code $}; null where the bytes are the same. */
  String toNested(DataType from, DataType to) {
    if (from.kind() == Kind.VARCHAR) {
      return texts() + ".toNested(" + kernel.constant(to) + ", $)";
    }
    if (isSame(from, to)) {
      return null;
    }
    if (from.kind() != to.kind() || from.children().size() != to.children().size()) {
      throw Casts.refusal(from, to);
    }
    String writer = compiler.nested().writer();
    String method = method(from, to);
    String name = kernel.fresh("castNested");
    CodeBuffer code = new CodeBuffer(1);
    code.open("private Utf8 " + name + "(Utf8 value)");
    code.line(writer + ".start();");
    code.line(method + "(value.address, " + writer + ");");
    code.line("return " + writer + ".result();").close();
    kernel.method(code);
    return name + "($)";
  }

  /** Java that makes a text of {@code $}. */
  String toText(DataType from) {
    return texts() + ".toText(" + kernel.constant(from) + ", $)";
  }

  private String texts() {
    return kernel.openField("NestedTexts", "texts", "new NestedTexts(buffer(), buffer())");
  }

  /** A method that converts what starts at an address, and answers the address behind it. */
  private String method(DataType from, DataType to) {
    String name = kernel.fresh("cast" + from.kind());
    CodeBuffer code = new CodeBuffer(1);
    code.line("// " + from + " to " + to);
    code.open("private long " + name + "(long start, NestedWriter out)");
    code.line("long at = start;");
    if (from.kind() == Kind.ROW) {
      items(from, to, code);
      code.line("return at;");
    } else {
      code.line("int first = out.length();");
      code.open("while (!NestedBytes.isEnd(at))");
      items(from, to, code);
      code.close();
      code.line(
          from.kind() == Kind.ARRAY
              ? "out.mark(NestedWriter.END);"
              : "NestedMaps.finish("
                  + kernel.constant(to)
                  + ", out, first, NestedMaps.Duplicates.REFUSED);");
      code.line("return at + 1;");
    }
    kernel.method(code.close());
    return name;
  }

  /** Converts an element, an entry or all fields at the variable {@code at}, and moves it. */
  private void items(DataType from, DataType to, CodeBuffer code) {
    for (int i = 0; i < from.children().size(); i++) {
      DataType own = from.children().get(i).type();
      DataType target = to.children().get(i).type();
      code.open("if (NestedBytes.isNull(at))").line(NestedCalls.putNull("out", target));
      code.line("at = NestedBytes.afterItem(" + kernel.constant(own) + ", at);");
      code.next("else");
      if (isSame(own, target)) {
        String next = kernel.fresh("next");
        code.line("long " + next + " = NestedBytes.afterItem(" + kernel.constant(own) + ", at);");
        code.line("out.append(at, " + next + " - at);").line("at = " + next + ";");
      } else if (own.isNested() && own.kind() == target.kind()) {
        code.line("out.mark(NestedWriter.VALUE);");
        code.line("at = " + method(own, target) + "(at + 1, out);");
      } else {
        Value value = compiler.local("item", own, compiler.nested().get("at", own), "false", code);
        Value cast = compiler.casts().implicit(value, target, code);
        code.line(NestedCalls.put("out", target, cast.java()));
        code.line("at = NestedBytes.afterItem(" + kernel.constant(own) + ", at);");
      }
      code.close();
    }
  }
}
