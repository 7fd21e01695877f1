package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.KernelClass;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A row that waits in Java variables, for kernels that bring each row into its group at once. Serves
 * where every row belongs to one state and is never taken back.
 */
final class LocalRow implements RowWords {
  private final KernelClass<AggregateKernel> kernel;
  private final Set<String> declared = new HashSet<>();

  LocalRow(KernelClass<AggregateKernel> kernel) {
    this.kernel = kernel;
  }

  @Override
  public Slot take(DataType type, Slot.Form form, String hint) {
    List<String> words = new ArrayList<>();
    if (form == Slot.Form.TIMED) {
      words.add(kernel.fresh(hint + "Time"));
      words.add("sequence");
      words.add(kernel.fresh(hint + "IsNull"));
    }
    words.add(kernel.fresh(hint));
    if (Slot.words(type) == 2 || form == Slot.Form.TIMED) {
      words.add(kernel.fresh(hint + "High"));
    }
    return Slot.inVariables(type, form, words);
  }

  @Override
  public void declare(CodeBuffer code, Slot slot) {
    for (String variable : slot.words()) {
      if (!variable.equals("sequence") && declared.add(variable)) {
        code.line((slot.isPlainDouble() ? "double " : "long ") + variable + " = 0;");
      }
    }
  }

  @Override
  public void store(CodeBuffer code, Slot slot, int word, String java) {
    String variable = slot.words().get(word);
    if (!variable.equals(java)) {
      code.line((declared.add(variable) ? "long " : "") + variable + " = " + java + ";");
    }
  }

  @Override
  public void storeDouble(CodeBuffer code, Slot slot, String java) {
    String variable = slot.words().get(0);
    code.line((declared.add(variable) ? "double " : "") + variable + " = " + java + ";");
  }

  @Override
  public String flag(CodeBuffer code, String condition) {
    if (condition.matches("!?\\w+")) {
      return condition;
    }
    String passes = kernel.fresh("passes");
    code.line("boolean " + passes + " = " + condition + ";");
    return passes;
  }

  @Override
  public String lasts(String address, String length) {
    return address;
  }

  /** Finds the row {@code t} of the group, or makes it; {@code slots}, {@code mask} and {@code epoch} are at hand. */
  void findGroup(CodeBuffer code, RowInput input) {
    if (input.keyWords().isEmpty()) {
      code.open("if (t == 0)");
      insert(code, input);
      code.close();
      return;
    }
    code.line("long hash = " + input.hash() + ";");
    code.open("for (long index = hash & mask; ; index = (index + 1) & mask)");
    code.line("long slot = Memory.getLong(slots + (index << 3));");
    code.open("if ((slot ^ hash) >>> 48 == 0)");
    code.line("t = slot & KeyedTable.ADDRESS_MASK;");
    code.open("if (" + sameKey(input) + ")").line("break;").close();
    code.next("else if (slot == 0)");
    insert(code, input);
    code.line("slots = slots();").line("mask = slotMask();").line("break;").close().close();
    code.open("if (epoch != 0 && Memory.getInt(t - 4) != epoch)").line("touch(t);").close();
  }

  private static void insert(CodeBuffer code, RowInput input) {
    code.line(
        "Memory.putLong(scratch, " + (input.keyWords().isEmpty() ? input.hash() : "hash") + ");");
    for (int i = 0; i < input.keyWords().size(); i++) {
      code.line("Memory.putLong(scratch + " + (8 + 8 * i) + ", " + input.keyWords().get(i) + ");");
    }
    code.line("t = findOrInsert(scratch);");
  }

  private static String sameKey(RowInput input) {
    StringBuilder same = new StringBuilder();
    List<String> words = input.keyWords();
    Set<Integer> texts = new HashSet<>();
    for (int text : input.keyTexts()) {
      texts.add(text);
    }
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String own = "Memory.getLong(t + " + (8 + 8 * i) + ")";
      same.append(i == 0 ? "" : " && ");
      if (texts.contains(i)) {
        String tail = words.get(++i);
        String ownTail = "Memory.getLong(t + " + (8 + 8 * i) + ")";
        same.append("Keys.sameText(")
            .append(String.join(", ", own, ownTail, word, tail))
            .append(')');
      } else {
        same.append(own).append(" == ").append(word);
      }
    }
    return same.toString();
  }
}
