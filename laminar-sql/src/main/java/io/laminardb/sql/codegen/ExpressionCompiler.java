package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.LambdaParameter;
import io.laminardb.sql.function.NestedFunction;
import io.laminardb.sql.plan.RexText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;

/**
 * Compiles expressions over the input of a {@link KernelClass} into Java statements that evaluate
 * them for the row in the variable {@code row}.
 *
 * <p>NULLs follow three-valued logic. What a branch of CASE or COALESCE or the right side of AND and
 * OR does happens only when it is needed, so an error in there cannot stop a row that does not go
 * there. What has been evaluated once in an open block is not evaluated again. Expressions too large
 * for one method are split into several.
 */
public final class ExpressionCompiler {
  /** Sub-expressions a method may hold: well below the 8,000 bytes of code that HotSpot compiles. */
  private static final int METHOD_WEIGHT = 100;

  private static final int MAX_WEIGHT = 20_000;

  private final KernelClass<?> kernel;
  private final Literals literals;
  private final Logic logic;
  private final Comparisons comparisons;
  private final Arithmetic arithmetic;
  private final Casts casts;
  private final Calls calls;
  private final NestedCalls nested;
  private final LambdaCode lambdas;

  public ExpressionCompiler(KernelClass<?> kernel) {
    this.kernel = kernel;
    this.literals = new Literals(kernel);
    this.comparisons = new Comparisons(this);
    this.logic = new Logic(this);
    this.arithmetic = new Arithmetic(this);
    this.casts = new Casts(this);
    this.calls = new Calls(this);
    this.nested = new NestedCalls(this);
    this.lambdas = new LambdaCode(this);
  }

  KernelClass<?> kernel() {
    return kernel;
  }

  Literals literals() {
    return literals;
  }

  Logic logic() {
    return logic;
  }

  Comparisons comparisons() {
    return comparisons;
  }

  Casts casts() {
    return casts;
  }

  NestedCalls nested() {
    return nested;
  }

  /**
   * Appends to {@code code} what evaluates {@code node} and says where its value is.
   *
   * @throws LaminarException NOT_SUPPORTED for what cannot be executed, QUERY_TOO_COMPLEX
   */
  public Value compile(RexNode node, CodeBuffer code) {
    if (node instanceof RexLiteral literal) {
      return literals.compile(literal);
    }
    Value known = code.known(node);
    if (known != null) {
      return known;
    }
    Value value;
    if (node instanceof RexInputRef ref) {
      value = read(ref.getIndex(), code);
    } else if (node instanceof RexCall call) {
      value = call(call, code);
    } else if (node instanceof RexFieldAccess access) {
      value = nested.field(access, code);
    } else {
      throw notSupported(node);
    }
    if (RexUtil.isDeterministic(node)) {
      code.remember(node, value);
    }
    return value;
  }

  /** Compiles {@code node} and converts it, as an assignment would, to {@code type}. */
  public Value compile(RexNode node, DataType type, CodeBuffer code) {
    Value folded = folded(node, type);
    return folded != null ? folded : casts.implicit(compile(node, code), type, code);
  }

  /** A literal as one of another type; null where it is none, or has no value of that type. */
  Value folded(RexNode node, DataType type) {
    return node instanceof RexLiteral literal && !literal.isNull()
        ? literals.compile(literal, type)
        : null;
  }

  /** Compiles a predicate to a Java condition that holds where {@code node} is TRUE. */
  public String condition(RexNode node, CodeBuffer code) {
    return compile(node, code).java();
  }

  /** Reads column {@code index} of the row. */
  public Value read(int index, CodeBuffer code) {
    Field field = kernel.input().field(index);
    DataType type = field.type();
    String isNull = "false";
    String name = kernel.fresh(field.name());
    if (field.nullable()) {
      isNull = kernel.fresh(name + "IsNull");
      String validity = kernel.validity(index);
      code.line(
          "boolean "
              + isNull
              + " = "
              + validity
              + " != 0 && !Memory.getBit("
              + validity
              + ", row);");
    }
    String data = type.isVariableWidth() ? kernel.textData(index) : kernel.data(index);
    String read =
        switch (type.kind()) {
          case BOOLEAN ->
              (field.nullable() ? "!" + isNull + " && " : "") + "Memory.getBit(" + data + ", row)";
          case TINYINT -> "Memory.getByte(" + data + " + row)";
          case SMALLINT -> "Memory.getShort(" + data + " + ((long) row << 1))";
          case INTEGER, DATE -> "Memory.getInt(" + data + " + ((long) row << 2))";
          case REAL -> "Memory.getFloat(" + data + " + ((long) row << 2))";
          case DOUBLE -> "Memory.getDouble(" + data + " + ((long) row << 3))";
          case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
              "Memory.getLong(" + data + " + ((long) row << 3))";
          case DECIMAL ->
              (field.nullable() ? isNull + " ? null : " : "")
                  + "Decimals.read("
                  + data
                  + " + ((long) row << 4), "
                  + type.scale()
                  + ")";
          case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
              kernel.view(index)
                  + ".setRow("
                  + kernel.textOffsets(index)
                  + ", "
                  + data
                  + ", "
                  + kernel.textNumber(index)
                  + ")";
        };
    code.line(Value.javaType(type) + " " + name + " = " + read + ";");
    return new Value(type, name, isNull);
  }

  /** The text of an expression, for messages; a constant of the class. */
  String textConstant(RexNode node) {
    return kernel.constant(RexText.of(node, kernel.input()));
  }

  /** Assigns a Java expression to a new variable. */
  Value local(String hint, DataType type, String java, String isNull, CodeBuffer code) {
    String name = kernel.fresh(hint);
    code.line(Value.javaType(type) + " " + name + " = " + java + ";");
    return new Value(type, name, isNull);
  }

  /**
   * An operation that is NULL where an operand is NULL.
   *
   * @param safe whether it may be evaluated with the meaningless values that NULLs have: it neither
   *     fails nor follows references
   * @param nullableResult whether a null reference is the result NULL
   */
  Value strict(
      String hint,
      DataType type,
      List<Value> operands,
      boolean safe,
      boolean nullableResult,
      Function<List<String>, String> java,
      CodeBuffer code) {
    return strict(hint, type, operands, safe, false, nullableResult, java, code);
  }

  /**
   * As above.
   *
   * @param total whether it never fails, though it follows references
   */
  Value strict(
      String hint,
      DataType type,
      List<Value> operands,
      boolean safe,
      boolean total,
      boolean nullableResult,
      Function<List<String>, String> java,
      CodeBuffer code) {
    List<String> nulls = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (Value operand : operands) {
      values.add(operand.java());
      if (operand.isNullLiteral()) {
        return Value.nullOf(type);
      }
      if (operand.isNullable() && !nulls.contains(operand.isNull())) {
        nulls.add(operand.isNull());
      }
    }
    String expression = java.apply(values);
    if (!safe && !total) {
      code.fallible();
    }
    boolean bool = type.kind() == DataType.Kind.BOOLEAN;
    if (nulls.isEmpty()) {
      Value value = local(hint, type, expression, "false", code);
      return nullableResult
          ? new Value(type, value.java(), "(" + value.java() + " == null)")
          : value;
    }
    String isNull = nulls.get(0);
    if (nulls.size() > 1) {
      isNull = kernel.fresh(hint + "IsNull");
      code.line("boolean " + isNull + " = " + String.join(" || ", nulls) + ";");
    }
    if (safe && !nullableResult) {
      return bool
          ? local(hint, type, "!" + isNull + " && " + expression, isNull, code)
          : local(hint, type, expression, isNull, code);
    }
    Value value = local(hint, type, Value.defaultOf(type), isNull, code);
    code.open("if (!" + isNull + ")").line(value.java() + " = " + expression + ";").close();
    return nullableResult ? new Value(type, value.java(), "(" + value.java() + " == null)") : value;
  }

  private Value call(RexCall call, CodeBuffer code) {
    int weight = weight(call);
    if (weight > MAX_WEIGHT) {
      throw new LaminarException(
              ErrorCode.QUERY_TOO_COMPLEX,
              "An expression of " + weight + " operations is more than " + MAX_WEIGHT + ".")
          .mend("Split the query into two streams, the second reading the first.");
    }
    if (code.weight() > 0 && code.weight() + weight > METHOD_WEIGHT && weight > 4) {
      return inItsOwnMethod(call, code);
    }
    code.addWeight(1);
    return dispatch(call, code);
  }

  private Value inItsOwnMethod(RexCall call, CodeBuffer code) {
    code.addWeight(1);
    Value result =
        method("part", RexText.of(call, kernel.input()), code, body -> dispatch(call, body));
    Value copy = local("part", result.type(), result.java(), "false", code);
    if (!result.isNullable()) {
      return copy;
    }
    String isNull = kernel.fresh(copy.java() + "IsNull");
    code.line("boolean " + isNull + " = " + result.isNull() + ";");
    return new Value(copy.type(), copy.java(), isNull);
  }

  /**
   * A method of its own for what {@code body} compiles. The value returned is a call of it, to be
   * made once; its NULL flag is a field that holds from the call on.
   */
  Value method(String hint, String comment, CodeBuffer caller, Function<CodeBuffer, Value> body) {
    caller.fallible();
    String name = kernel.fresh(hint);
    CodeBuffer statements = new CodeBuffer(2);
    statements.addWeight(1);
    Value value = body.apply(statements);
    CodeBuffer method = new CodeBuffer(1);
    method.line("// " + comment);
    method.open("private " + value.javaType() + " " + name + "(int row)").append(statements);
    String isNull = "false";
    if (value.isNullable()) {
      isNull = kernel.variable("boolean", name + "IsNull");
      method.line(isNull + " = " + value.isNull() + ";");
    }
    method.line("return " + value.java() + ";").close();
    kernel.method(method);
    return new Value(value.type(), name + "(row)", isNull);
  }

  private Value dispatch(RexCall call, CodeBuffer code) {
    return switch (call.getKind()) {
      case AND,
          OR,
          NOT,
          CASE,
          COALESCE,
          IS_NULL,
          IS_NOT_NULL,
          IS_TRUE,
          IS_NOT_TRUE,
          IS_FALSE,
          IS_NOT_FALSE,
          IS_UNKNOWN,
          NULLIF ->
          logic.compile(call, code);
      case EQUALS,
          NOT_EQUALS,
          LESS_THAN,
          LESS_THAN_OR_EQUAL,
          GREATER_THAN,
          GREATER_THAN_OR_EQUAL,
          IS_DISTINCT_FROM,
          IS_NOT_DISTINCT_FROM,
          BETWEEN,
          SEARCH,
          IN,
          NOT_IN ->
          comparisons.compile(call, code);
      case PLUS, MINUS, TIMES, DIVIDE, MOD, MINUS_PREFIX, PLUS_PREFIX ->
          arithmetic.compile(call, code);
      case CAST, SAFE_CAST, REINTERPRET -> casts.compile(call, code);
      case ARRAY_VALUE_CONSTRUCTOR, MAP_VALUE_CONSTRUCTOR, ROW -> nested.construct(call, code);
      case ITEM -> nested.item(call, code);
      default -> {
        if (call.getOperator() instanceof LambdaParameter parameter) {
          yield lambdas.value(parameter);
        } else if (call.getOperator() instanceof LambdaFunction function) {
          yield lambdas.call(call, function, code);
        }
        yield call.getOperator() instanceof NestedFunction function
            ? nested.call(call, function, code)
            : calls.compile(call, code);
      }
    };
  }

  LaminarException notSupported(RexNode node) {
    if (node instanceof RexSubQuery) {
      return new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a subquery over rows of both sides in the condition of an outer join is not"
                  + " supported.")
          .mend("Compute what it gives in a subquery in FROM, and join by its columns.");
    }
    return new LaminarException(
            ErrorCode.NOT_SUPPORTED,
            "The expression " + RexText.of(node, kernel.input()) + " cannot be executed.")
        .mend("Use one of the functions that docs/sql/functions.md lists.");
  }

  /** Nodes of an expression. */
  static int weight(RexNode node) {
    if (!(node instanceof RexCall)) {
      return 1;
    }
    int[] count = {0};
    node.accept(
        new RexVisitorImpl<Void>(true) {
          @Override
          public Void visitCall(RexCall call) {
            count[0]++;
            return super.visitCall(call);
          }

          @Override
          public Void visitInputRef(RexInputRef ref) {
            count[0]++;
            return null;
          }

          @Override
          public Void visitLiteral(RexLiteral literal) {
            count[0]++;
            return null;
          }
        });
    return count[0];
  }
}
