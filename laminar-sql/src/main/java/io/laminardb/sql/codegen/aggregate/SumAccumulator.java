package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.KernelClass;

/** Sums and means. */
final class SumAccumulator extends Accumulator {
  /** How the sum is kept. */
  enum Form {
    /** 64 bits, checked row by row. */
    LONG,

    /** 128 bits. */
    WIDE,

    /** A double. */
    DOUBLE,

    /** A double that can take values back. */
    EXACT_DOUBLE
  }

  private final Slot slot;
  private final Form form;
  private final int offset;
  private final String call; // a Java expression: the name for messages
  private final String sum; // a Java variable
  private String check; // what has to hold of a WIDE sum before a row is added, or null

  SumAccumulator(
      Presence presence,
      Slot slot,
      Form form,
      RowBuilder row,
      KernelClass<AggregateKernel> kernel,
      String call) {
    super(presence);
    this.slot = slot;
    this.form = form;
    this.offset =
        row.take(
            switch (form) {
              case LONG, DOUBLE -> 1;
              case WIDE -> 2;
              case EXACT_DOUBLE -> 5;
            });
    this.call = kernel.constant(call);
    this.sum = kernel.fresh("sum" + offset);
    this.check = form == Form.WIDE && slot.isDecimal() ? "checkWide" : null;
  }

  /** Says that each sum leaves as this type, row by row: one that does not fit fails its row. */
  void leavesAs(DataType type) {
    if (form == Form.WIDE) {
      check =
          switch (type.kind()) {
            case DECIMAL -> "checkDigits";
            case DOUBLE, REAL -> check;
            default -> "checkLong";
          };
    }
  }

  @Override
  boolean checksDistinct() {
    return check != null && presence.isDistinct();
  }

  static Form formOf(DataType argument, DataType result, boolean isMean, Presence presence) {
    return switch (argument.kind()) {
      case REAL, DOUBLE -> presence.isAppendOnly() ? Form.DOUBLE : Form.EXACT_DOUBLE;
      case DECIMAL -> Form.WIDE;
      default ->
          isMean || result.kind() == DataType.Kind.DECIMAL || !presence.isAppendOnly()
              ? Form.WIDE
              : Form.LONG;
    };
  }

  private String high() {
    return slot.isDecimal() ? slot.secondWord() : slot.word() + " >> 63";
  }

  @Override
  void check(CodeBuffer code) {
    if (form == Form.LONG) {
      String old = "Memory.getLong(t + " + offset + ")";
      String next = "Sums.addExact(" + old + ", " + slot.word() + ", " + call + ")";
      code.line(
          "long "
              + sum
              + " = "
              + (presence.isAlways() ? next : presence.condition() + " ? " + next + " : 0L")
              + ";");
    } else if (check != null) {
      String line =
          "Sums."
              + check
              + "(t + "
              + offset
              + ", "
              + slot.word()
              + ", "
              + high()
              + ", "
              + peeked()
              + ", "
              + call
              + ");";
      String condition = presence.isDistinct() ? peeked() + " != 0" : presence.condition();
      code.line((presence.isAlways() ? "" : "if (" + condition + ") ") + line);
    }
  }

  @Override
  void add(CodeBuffer code) {
    switch (form) {
      case LONG -> code.line("Memory.putLong(t + " + offset + ", " + sum + ");");
      case WIDE ->
          code.line(
              "Sums.addWide(t + "
                  + offset
                  + ", "
                  + slot.word()
                  + ", "
                  + high()
                  + (presence.isAppendOnly() ? "" : ", " + presence.weight())
                  + ");");
      case DOUBLE ->
          code.line(
              "Memory.putDouble(t + "
                  + offset
                  + ", Memory.getDouble(t + "
                  + offset
                  + ") + "
                  + slot.asDouble()
                  + ");");
      case EXACT_DOUBLE ->
          code.line(
              "Sums.addDouble(t + "
                  + offset
                  + ", "
                  + slot.asDouble()
                  + ", "
                  + presence.weight()
                  + ");");
    }
  }

  @Override
  void settle(CodeBuffer code) {
    if (form == Form.EXACT_DOUBLE) {
      code.open("if (" + presence.count() + " == 0)");
      code.line("Memory.putLong(t + " + offset + ", 0L);");
      code.line("Memory.putLong(t + " + (offset + 8) + ", 0L);");
      code.close();
    }
  }

  @Override
  void checkMerge(CodeBuffer code) {
    String from = "Memory.getLong(s + " + offset + ")";
    if (form == Form.LONG) {
      String old = "Memory.getLong(t + " + offset + ")";
      code.line("long " + sum + " = Sums.addExact(" + old + ", " + from + ", " + call + ");");
    } else if (form == Form.WIDE) {
      code.line(
          "Sums.checkWide(t + "
              + offset
              + ", "
              + from
              + ", Memory.getLong(s + "
              + (offset + 8)
              + "), 1, "
              + call
              + ");");
    }
  }

  @Override
  void merge(CodeBuffer code) {
    String from = "Memory.getLong(s + " + offset + ")";
    switch (form) {
      case LONG -> code.line("Memory.putLong(t + " + offset + ", " + sum + ");");
      case WIDE ->
          code.line(
              "Sums.addWide(t + "
                  + offset
                  + ", "
                  + from
                  + ", Memory.getLong(s + "
                  + (offset + 8)
                  + "));");
      case DOUBLE ->
          code.line(
              "Memory.putDouble(t + "
                  + offset
                  + ", Memory.getDouble(t + "
                  + offset
                  + ") + Memory.getDouble(s + "
                  + offset
                  + "));");
      case EXACT_DOUBLE -> code.line("Sums.mergeDouble(t + " + offset + ", s + " + offset + ");");
    }
  }

  private String asDouble() {
    return switch (form) {
      case LONG -> "(double) Memory.getLong(t + " + offset + ")";
      case WIDE -> "Sums.wideAsDouble(t + " + offset + ")";
      case DOUBLE -> "Memory.getDouble(t + " + offset + ")";
      case EXACT_DOUBLE -> "Sums.doubleSum(t + " + offset + ")";
    };
  }

  void emitSum(CodeBuffer code, ResultWriter result) {
    DataType to = result.field().type();
    switch (form) {
      case LONG -> result.putLong(code, "Memory.getLong(t + " + offset + ")");
      case DOUBLE, EXACT_DOUBLE -> result.putDouble(code, asDouble());
      case WIDE -> {
        if (to.kind() == DataType.Kind.DECIMAL) {
          code.line(
              "Sums.emitSum(t + "
                  + offset
                  + ", "
                  + slot.type().scale()
                  + ", "
                  + result.decimalAddress()
                  + ", "
                  + to.precision()
                  + ", "
                  + to.scale()
                  + ", "
                  + call
                  + ");");
        } else if (to.kind() == DataType.Kind.DOUBLE || to.kind() == DataType.Kind.REAL) {
          result.putDouble(code, asDouble() + " / " + Slot.powerOfTen(slot.type().scale()));
        } else {
          result.putLong(code, "Sums.wideAsLong(t + " + offset + ", " + call + ")");
        }
      }
    }
  }

  void emitMean(CodeBuffer code, ResultWriter result) {
    DataType to = result.field().type();
    if (form == Form.WIDE && to.kind() == DataType.Kind.DECIMAL) {
      code.line(
          "Sums.emitMean(t + "
              + offset
              + ", "
              + slot.type().scale()
              + ", "
              + presence.count()
              + ", "
              + result.decimalAddress()
              + ", "
              + to.precision()
              + ", "
              + to.scale()
              + ", "
              + call
              + ");");
    } else if (form == Form.WIDE) {
      result.putDouble(
          code,
          "Sums.wideMean(t + "
              + offset
              + ", "
              + presence.count()
              + ", "
              + slot.type().scale()
              + ")");
    } else {
      result.putDouble(code, asDouble() + " / " + presence.count());
    }
  }
}
