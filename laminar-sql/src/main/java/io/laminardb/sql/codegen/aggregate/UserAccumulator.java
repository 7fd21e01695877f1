package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.aggregate.UserAggregate.Step;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.KernelClass;
import io.laminardb.sql.codegen.RexTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** An aggregate that a user wrote: an object of Java a group. It goes first, since it may fail. */
final class UserAccumulator extends Accumulator {
  private final List<Slot> slots;
  private final UserAggregate user;
  private final KernelClass<AggregateKernel> kernel;
  private final int offset;
  private final String stateType;
  private final String states;
  private final String name;
  private final String addMethod;

  UserAccumulator(
      Presence presence,
      List<Slot> slots,
      UserAggregate user,
      RowBuilder row,
      KernelClass<AggregateKernel> kernel) {
    super(presence);
    this.slots = slots;
    this.user = user;
    this.kernel = kernel;
    this.offset = row.takeObject(user);
    this.stateType = user.add().target() == null ? kernel.visible(user.stateType()) : "Object";
    this.states = kernel.constant(user.states(), Supplier.class);
    this.name = kernel.constant(user.name());
    this.addMethod = kernel.fresh("add " + user.name());
    addMethod();
  }

  private void addMethod() {
    List<String> parameters = new ArrayList<>();
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      Class<?> type = user.parameters().get(i).javaType();
      parameters.add(", " + type.getCanonicalName() + " argument" + i);
      arguments.add("argument" + i);
    }
    String rest = String.join("", parameters);
    CodeBuffer code = new CodeBuffer(1);
    code.open("private void " + addMethod + "(long t, int w" + rest + ")");
    code.open("try");
    code.line(stateType + " state = (" + stateType + ") heap.object(" + word("t") + ");");
    createIfMissing(code);
    code.open("for (int i = w; i > 0; i--)").line(call(user.add(), "state", arguments) + ";");
    code.close();
    if (user.retract() != null) {
      code.open("for (int i = w; i < 0; i++)");
      code.line(call(user.retract(), "state", arguments) + ";").close();
    }
    endTry(code);
    code.close();
    kernel.method(code);
  }

  private void createIfMissing(CodeBuffer code) {
    code.open("if (state == null)");
    code.line("state = (" + stateType + ") " + states + ".get();");
    code.line("Memory.putLong(t + " + offset + ", heap.putObject(state));").close();
  }

  private void endTry(CodeBuffer code) {
    code.next("catch (Exception e)");
    code.line("throw UserCalls.failed(" + name + ", e);").close();
  }

  private String word(String row) {
    return "Memory.getLong(" + row + " + " + offset + ")";
  }

  private String call(Step step, String state, List<String> arguments) {
    if (step.target() == null) {
      return state + "." + step.method() + "(" + String.join(", ", arguments) + ")";
    }
    List<String> all = new ArrayList<>(List.of(state));
    all.addAll(arguments);
    String target = kernel.constant(step.target(), step.owner());
    return target + "." + step.method() + "(" + String.join(", ", all) + ")";
  }

  @Override
  boolean isMergeable() {
    return user.merge() != null && presence.isAppendOnly();
  }

  @Override
  void check(CodeBuffer code) {
    boolean always = presence.isAlways();
    if (!always) {
      code.open("if (" + presence.condition() + ")");
    }
    StringBuilder arguments = new StringBuilder();
    for (int i = 0; i < slots.size(); i++) {
      arguments.append(", ").append(toJava(user.parameters().get(i), slots.get(i)));
    }
    code.line(addMethod + "(t, " + presence.weight() + arguments + ");");
    if (!always) {
      code.close();
    }
  }

  private static String toJava(UserFunction.Type type, Slot slot) {
    String word = slot.word();
    return switch (type) {
      case BOOLEAN -> word + " != 0";
      case INTEGER -> "(int) " + word;
      case BIGINT, DOUBLE -> word;
      case REAL -> "(float) " + word;
      case VARCHAR -> "UserCalls.text(" + word + ", " + slot.secondWord() + ")";
      case VARBINARY -> "UserCalls.bytes(" + word + ", " + slot.secondWord() + ")";
      case DECIMAL ->
          "Decimals.of(" + word + ", " + slot.secondWord() + ", " + slot.type().scale() + ")";
      case DATE -> "UserCalls.date((int) " + word + ")";
      case TIMESTAMP ->
          "UserCalls.dateTime(" + word + ", " + RexTypes.unitsPerSecond(slot.type()) + "L)";
      case TIMESTAMP_LTZ ->
          "UserCalls.instant(" + word + ", " + RexTypes.unitsPerSecond(slot.type()) + "L)";
    };
  }

  @Override
  void add(CodeBuffer code) {}

  @Override
  void merge(CodeBuffer code) {
    String method = kernel.fresh("merge " + user.name());
    CodeBuffer body = new CodeBuffer(1);
    body.open("private void " + method + "(long s, long t)");
    body.open("try");
    body.line(stateType + " other = (" + stateType + ") sourceHeap.object(" + word("s") + ");");
    body.line(stateType + " state = (" + stateType + ") heap.object(" + word("t") + ");");
    createIfMissing(body);
    body.line(call(user.merge(), "state", List.of("other")) + ";");
    endTry(body);
    body.close();
    kernel.method(body);
    code.line(method + "(s, t);");
  }

  /** Writes the result; there is an object. */
  void emit(CodeBuffer code, ResultWriter result) {
    code.line(stateType + " state = (" + stateType + ") heap.object(" + word("t") + ");");
    String type = user.result().javaType().getCanonicalName();
    String value = kernel.fresh("resultOf " + user.name());
    CodeBuffer method = new CodeBuffer(1);
    method.open("private " + type + " " + value + "(" + stateType + " state)").open("try");
    String answer = call(user.answer(), "state", List.of());
    method.line("return " + (stateType.equals("Object") ? "(" + type + ") " : "") + answer + ";");
    endTry(method);
    method.close();
    kernel.method(method);
    code.line(type + " value = " + value + "(state);");
    if (!user.result().javaType().isPrimitive()) {
      code.open("if (value == null)");
      result.setNull(code);
      code.next("else");
      put(code, result);
      code.close();
    } else {
      put(code, result);
    }
  }

  private void put(CodeBuffer code, ResultWriter result) {
    switch (user.result()) {
      case BOOLEAN -> result.putLong(code, "(value ? 1L : 0L)");
      case INTEGER, BIGINT -> result.putLong(code, "value");
      case REAL, DOUBLE -> result.putDouble(code, "value");
      case VARCHAR -> putBytes(code, result, "UserCalls.text(");
      case VARBINARY -> putBytes(code, result, "UserCalls.bytes(");
      case DECIMAL -> {
        int precision = result.field().type().precision();
        int scale = result.field().type().scale();
        code.line(
            "Decimals.write("
                + result.decimalAddress()
                + ", UserCalls.decimal(value, "
                + precision
                + ", "
                + scale
                + "), "
                + scale
                + ");");
      }
      case DATE -> result.putLong(code, "UserCalls.days(value)");
      case TIMESTAMP, TIMESTAMP_LTZ -> result.putLong(code, "UserCalls.micros(value)");
    }
  }

  private void putBytes(CodeBuffer code, ResultWriter result, String call) {
    code.line("final Utf8 bytes = " + call + kernel.buffer() + ", value);");
    result.putBytes(code, "bytes");
  }
}
