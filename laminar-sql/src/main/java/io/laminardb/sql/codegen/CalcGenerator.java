package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.scalar.CalcFactory;
import io.laminardb.core.operator.scalar.CalcKernel;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.RexText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/**
 * Generates filters and projections.
 *
 * <p>A row is evaluated as a whole before anything of it is written, so that a failing one leaves no
 * trace. A predicate that cannot fail runs ahead over some rows and writes down, without a branch,
 * which ones pass.
 */
public final class CalcGenerator {
  /** Projected columns with more sub-expressions than this are spread over several methods. */
  private static final int METHOD_WEIGHT = 150;

  /** Output columns written in one method. */
  private static final int METHOD_COLUMNS = 24;

  /** Rows whose predicate is evaluated before the first of them is projected. */
  private static final int ROWS_AHEAD = 1024;

  private final PlanNode.Calc calc;
  private final Schema input;
  private final KernelClass<CalcKernel> kernel;
  private final ExpressionCompiler compiler;

  private CalcGenerator(PlanNode.Calc calc, String name) {
    this.calc = calc;
    this.input = calc.input().schema();
    this.kernel = new KernelClass<>("Calc_" + name, CalcKernel.class, input);
    this.compiler = new ExpressionCompiler(kernel);
  }

  /**
   * The operator of a plan node.
   *
   * @param name what the rows are called, for stack traces and profiles
   */
  public static OperatorFactory generate(PlanNode.Calc calc, String name) {
    int[] columns = pickedColumns(calc);
    if (columns != null) {
      return CalcFactory.columns(calc.schema(), columns);
    }
    PlanNode.Calc computed = computed(calc);
    if (computed != null) {
      CompiledKernel<CalcKernel> compiled = new CalcGenerator(computed, name).compile();
      return CalcFactory.extending(
          calc.schema(), computed.schema(), compiled, sources(calc), compiled.source());
    }
    CompiledKernel<CalcKernel> compiled = new CalcGenerator(calc, name).compile();
    return CalcFactory.of(calc.schema(), compiled, compiled.source());
  }

  /** The kernel alone, for who runs it without an operator. */
  public static Supplier<CalcKernel> kernel(PlanNode.Calc calc, String name) {
    return new CalcGenerator(calc, name).compile();
  }

  /** The columns of a projection that does nothing else, or null. */
  private static int[] pickedColumns(PlanNode.Calc calc) {
    if (calc.condition() != null || calc.schema().isChangelog()) {
      return null;
    }
    for (int i = 0; i < calc.projects().size(); i++) {
      if (!isCopy(calc, i)) {
        return null;
      }
    }
    return sources(calc);
  }

  /** What is left of a projection of all rows without the columns it copies; null for any other. */
  private static PlanNode.Calc computed(PlanNode.Calc calc) {
    if (calc.condition() != null || calc.schema().isChangelog()) {
      return null;
    }
    List<RexNode> projects = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < calc.projects().size(); i++) {
      if (!isCopy(calc, i)) {
        projects.add(calc.projects().get(i));
        fields.add(calc.schema().field(i));
      }
    }
    return projects.size() == calc.projects().size()
        ? null
        : new PlanNode.Calc(calc.input(), null, projects, new Schema(fields, false));
  }

  /** The input columns that a projection copies; -1 for columns that it computes. */
  private static int[] sources(PlanNode.Calc calc) {
    int[] columns = new int[calc.projects().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = isCopy(calc, i) ? ((RexInputRef) calc.projects().get(i)).getIndex() : -1;
    }
    return columns;
  }

  private static boolean isCopy(PlanNode.Calc calc, int column) {
    return calc.projects().get(column) instanceof RexInputRef ref
        && calc.input()
            .schema()
            .field(ref.getIndex())
            .type()
            .equals(calc.schema().field(column).type());
  }

  private CompiledKernel<CalcKernel> compile() {
    kernel.comment(sql());
    CodeBuffer condition = new CodeBuffer(4);
    String passes =
        calc.condition() == null ? null : compiler.condition(calc.condition(), condition);
    boolean ahead = passes != null && !condition.isFallible();
    CodeBuffer row = ahead ? new CodeBuffer(5) : condition;
    if (!ahead && passes != null) {
      row.open("if (" + passes + ")");
    }
    project(row);
    if (!ahead && passes != null) {
      row.close();
    }
    if (ahead) {
      runAhead(condition, passes, row);
    } else {
      run(row);
    }
    return kernel.compile();
  }

  private String sql() {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < calc.projects().size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(RexText.of(calc.projects().get(i), input));
    }
    if (calc.condition() != null) {
      sql.append("\nWHERE ").append(RexText.of(calc.condition(), input));
    }
    return sql.toString();
  }

  /** One row after the other. */
  private void run(CodeBuffer body) {
    CodeBuffer method = head();
    method.line("int row = from;");
    method.open("try");
    method.open("for (; row < limit && at < capacity; row++)").append(body).close();
    method.next("finally").line("this.row = row;").line("out.rowCount(at);").close();
    method.line("return row;").close();
    kernel.method(method);
  }

  /** Which rows pass, then those. */
  private void runAhead(CodeBuffer condition, String passes, CodeBuffer body) {
    String selected = kernel.field("int[]", "ahead", "new int[" + ROWS_AHEAD + "]");
    CodeBuffer method = head();
    method.line("final int[] selected = this." + selected + ";");
    method.line("int row = from;");
    method.open("while (from < limit && at < capacity)");
    method.line("int end = Math.min(limit, from + Math.min(capacity - at, selected.length));");
    method.line("int count = 0;");
    method.open("for (row = from; row < end; row++)").append(condition);
    method.line("selected[count] = row;").line("count += " + passes + " ? 1 : 0;").close();
    method.open("try");
    method.open("for (int i = 0; i < count; i++)").line("row = selected[i];").append(body).close();
    method.next("finally").line("this.row = row;").line("out.rowCount(at);").close();
    method.line("from = end;").close();
    method.line("return from;").close();
    kernel.method(method);
  }

  private CodeBuffer head() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public int run(Batch in, int from, int limit, Batch out)");
    method.append(kernel.localAddresses(2));
    for (int i = 0; i < calc.schema().size(); i++) {
      if (!isGrouped()) {
        method.line("final Column out" + i + " = out.column(" + i + ");");
        if (!calc.schema().field(i).type().isVariableWidth()) {
          method.line("final long d" + i + " = out" + i + ".dataAddress();");
        }
      }
    }
    if (calc.schema().isChangelog()) {
      method.line("final long weightsIn = in.weightsAddress();");
      method.line("final long weightsOut = out.weightsAddress();");
    }
    method.line("final int capacity = out.capacity();");
    method.line("int at = out.rowCount();");
    for (int i = 0; i < calc.schema().size(); i++) {
      if (mayStayCoded(i)) {
        method.line(
            "final long n" + i + " = out" + i + ".follow(in.column(" + inputOf(i) + "), at);");
      }
    }
    return method;
  }

  /** Whether an output column is the texts of an input column, which may be coded. */
  private boolean mayStayCoded(int column) {
    return !isGrouped()
        && calc.schema().field(column).type().kind() == DataType.Kind.VARCHAR
        && isCopy(calc, column);
  }

  private int inputOf(int column) {
    return ((RexInputRef) calc.projects().get(column)).getIndex();
  }

  private boolean isGrouped() {
    int weight = 0;
    for (RexNode project : calc.projects()) {
      weight += ExpressionCompiler.weight(project);
    }
    return weight > METHOD_WEIGHT || calc.projects().size() > METHOD_COLUMNS;
  }

  /** Evaluates all output columns, then writes them. */
  private void project(CodeBuffer code) {
    List<Value> values = isGrouped() ? grouped(code) : direct(code);
    if (isGrouped()) {
      writeInGroups(values, code);
    } else {
      for (int i = 0; i < values.size(); i++) {
        writeOrCode(i, values.get(i), code);
      }
    }
    if (calc.schema().isChangelog()) {
      code.line(
          "Memory.putByte(weightsOut + at, weightsIn == 0 ? (byte) 1 : Memory.getByte(weightsIn + row));");
    }
    code.line("at++;");
  }

  private List<Value> direct(CodeBuffer code) {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < calc.projects().size(); i++) {
      values.add(compiler.compile(calc.projects().get(i), calc.schema().field(i).type(), code));
    }
    return values;
  }

  /** As {@link #direct} with methods that leave the values in fields. */
  private List<Value> grouped(CodeBuffer code) {
    List<Value> values = new ArrayList<>();
    CodeBuffer body = null;
    int columns = 0;
    for (int i = 0; i < calc.projects().size(); i++) {
      int weight = ExpressionCompiler.weight(calc.projects().get(i));
      if (body != null
          && (body.weight() + weight > METHOD_WEIGHT / 2 || columns == METHOD_COLUMNS)) {
        finish(body, code);
        body = null;
      }
      if (body == null) {
        body = new CodeBuffer(2);
        columns = 0;
      }
      columns++;
      Field field = calc.schema().field(i);
      Value value = compiler.compile(calc.projects().get(i), field.type(), body);
      String kept = kernel.variable(value.javaType(), field.name());
      body.line("this." + kept + " = " + value.java() + ";");
      String isNull = "false";
      if (value.isNullable()) {
        isNull = kernel.variable("boolean", field.name() + "IsNull");
        body.line("this." + isNull + " = " + value.isNull() + ";");
      }
      values.add(new Value(field.type(), kept, isNull));
    }
    if (body != null) {
      finish(body, code);
    }
    return values;
  }

  private void finish(CodeBuffer body, CodeBuffer code) {
    String name = kernel.fresh("evaluate");
    CodeBuffer method = new CodeBuffer(1);
    method.open("private void " + name + "(int row)").append(body).close();
    kernel.method(method);
    code.line(name + "(row);");
  }

  private void writeInGroups(List<Value> values, CodeBuffer code) {
    for (int start = 0; start < values.size(); start += METHOD_COLUMNS) {
      String name = kernel.fresh("write");
      CodeBuffer method = new CodeBuffer(1);
      method.open("private void " + name + "(Batch out, int at)");
      for (int i = start; i < Math.min(values.size(), start + METHOD_COLUMNS); i++) {
        method.line("final Column out" + i + " = out.column(" + i + ");");
        if (!values.get(i).type().isVariableWidth()) {
          method.line("final long d" + i + " = out" + i + ".dataAddress();");
        }
        write(i, values.get(i), method);
      }
      method.close();
      kernel.method(method);
      code.line(name + "(out, at);");
    }
  }

  private void writeOrCode(int column, Value value, CodeBuffer code) {
    if (!mayStayCoded(column)) {
      write(column, value, code);
      return;
    }
    code.open("if (n" + column + " == 0)");
    write(column, value, code);
    if (value.isNullable()) {
      code.next("else if (" + value.isNull() + ")").line("out" + column + ".setNull(at);");
    }
    code.next("else");
    String number = kernel.textCode(inputOf(column));
    code.line("Memory.putInt(n" + column + " + ((long) at << 2), " + number + ");").close();
  }

  private static void write(int column, Value value, CodeBuffer code) {
    if (value.isNullLiteral()) {
      code.line("out" + column + ".setNull(at);");
      return;
    }
    if (value.isNullable()) {
      code.open("if (" + value.isNull() + ")").line("out" + column + ".setNull(at);");
      code.next("else").line(put(column, value)).close();
    } else {
      code.line(put(column, value));
    }
  }

  private static String put(int column, Value value) {
    DataType type = value.type();
    String java = value.java();
    String data = "d" + column;
    return switch (type.kind()) {
      case BOOLEAN -> "out" + column + ".putBoolean(at, " + java + ");";
      case TINYINT -> "Memory.putByte(" + data + " + at, (byte) " + java + ");";
      case SMALLINT -> "Memory.putShort(" + data + " + ((long) at << 1), (short) " + java + ");";
      case INTEGER, DATE -> "Memory.putInt(" + data + " + ((long) at << 2), " + java + ");";
      case REAL -> "Memory.putFloat(" + data + " + ((long) at << 2), " + java + ");";
      case DOUBLE -> "Memory.putDouble(" + data + " + ((long) at << 3), " + java + ");";
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ ->
          "Memory.putLong(" + data + " + ((long) at << 3), " + java + ");";
      case DECIMAL ->
          "Decimals.write(" + data + " + ((long) at << 4), " + java + ", " + type.scale() + ");";
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
          "out" + column + ".putBytes(at, " + java + ".address, " + java + ".length);";
    };
  }
}
