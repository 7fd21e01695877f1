package io.laminardb.sql.codegen;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.apache.calcite.rex.RexNode;

/**
 * Java statements in the making, indented. It knows which expressions have been evaluated in the
 * blocks that are open, so that a column or a sub-expression is evaluated once.
 */
public final class CodeBuffer {
  private final StringBuilder text = new StringBuilder();
  private final Deque<Map<RexNode, Value>> scopes = new ArrayDeque<>();
  private int indent;
  private int weight;
  private boolean fallible;

  /** Statements whose first line stands {@code indent} levels deep. */
  public CodeBuffer(int indent) {
    this.indent = indent;
    scopes.push(new HashMap<>());
  }

  /** Appends one line; lines that begin with {@code //} are for readers and take no part in caching. */
  public CodeBuffer line(String line) {
    text.append("  ".repeat(indent)).append(line).append('\n');
    return this;
  }

  /** Opens a block: {@code open("if (x)")} writes it and a brace. */
  public CodeBuffer open(String head) {
    line(head + " {");
    indent++;
    scopes.push(new HashMap<>());
    return this;
  }

  /** Closes the innermost block and opens another: {@code next("else")} writes <code>} else {</code>. */
  public CodeBuffer next(String head) {
    scopes.pop();
    indent--;
    line("} " + head + " {");
    indent++;
    scopes.push(new HashMap<>());
    return this;
  }

  /** Closes the innermost block. */
  public CodeBuffer close() {
    scopes.pop();
    indent--;
    return line("}");
  }

  /** Appends lines that were made elsewhere, as they are. */
  public CodeBuffer append(CodeBuffer other) {
    text.append(other.text);
    return this;
  }

  /** The value of an expression evaluated before in an open block, or null. */
  Value known(RexNode node) {
    for (Map<RexNode, Value> scope : scopes) {
      Value value = scope.get(node);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  void remember(RexNode node, Value value) {
    scopes.peek().put(node, value);
  }

  /** Forgets what was evaluated: what follows runs for another row. */
  public void forget() {
    scopes.forEach(Map::clear);
  }

  /** Sub-expressions written here so far: what the size of the method grows with. */
  int weight() {
    return weight;
  }

  void addWeight(int more) {
    weight += more;
  }

  /** Whether something here can fail on a row, or is left to a method that may. */
  boolean isFallible() {
    return fallible;
  }

  void fallible() {
    fallible = true;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
