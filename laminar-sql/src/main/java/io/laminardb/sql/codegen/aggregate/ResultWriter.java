package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.KernelClass;

/** Writes the Java that puts one value into a column of the output, at row {@code at}. */
final class ResultWriter {
  private final int index;
  private final Field field;
  private final String column;
  private final String data;

  ResultWriter(KernelClass<AggregateKernel> kernel, int index, Field field) {
    this.index = index;
    this.field = field;
    this.column = kernel.variable("Column", "outColumn" + index);
    this.data = field.type().isVariableWidth() ? null : kernel.variable("long", "outData" + index);
  }

  Field field() {
    return field;
  }

  void bind(CodeBuffer code) {
    code.line(column + " = newOut.column(" + index + ");");
    if (data != null) {
      code.line(data + " = " + column + ".dataAddress();");
    }
  }

  void setNull(CodeBuffer code) {
    code.line(column + ".setNull(at);");
  }

  private String at(int shift) {
    return data + " + " + (shift == 0 ? "at" : "((long) at << " + shift + ")");
  }

  /** Writes a Java long. */
  void putLong(CodeBuffer code, String value) {
    switch (field.type().kind()) {
      case BOOLEAN -> code.line(column + ".putBoolean(at, " + value + " != 0);");
      case TINYINT -> code.line("Memory.putByte(" + at(0) + ", (byte) " + value + ");");
      case SMALLINT -> code.line("Memory.putShort(" + at(1) + ", (short) " + value + ");");
      case INTEGER, DATE -> code.line("Memory.putInt(" + at(2) + ", (int) " + value + ");");
      case REAL, DOUBLE -> putDouble(code, "(double) " + value);
      case DECIMAL -> {
        code.line("Memory.putLong(" + at(4) + ", " + value + ");");
        code.line("Memory.putLong(" + at(4) + " + 8, " + value + " >> 63);");
      }
      default -> code.line("Memory.putLong(" + at(3) + ", " + value + ");");
    }
  }

  /** Writes a Java double. */
  void putDouble(CodeBuffer code, String value) {
    switch (field.type().kind()) {
      case REAL -> code.line("Memory.putFloat(" + at(2) + ", (float) (" + value + "));");
      case DOUBLE -> code.line("Memory.putDouble(" + at(3) + ", " + value + ");");
      default -> putLong(code, "((long) (" + value + "))");
    }
  }

  /** Writes the bytes of a Java {@code Utf8}. */
  void putBytes(CodeBuffer code, String view) {
    code.line(column + ".putBytes(at, " + view + ".address, " + view + ".length);");
  }

  /** The Java of where a DECIMAL's 16 bytes go. */
  String decimalAddress() {
    return at(4);
  }

  /** Writes the value whose words lie at a Java address, as keys and FIRST lay them down. */
  void putWords(CodeBuffer code, String address) {
    DataType type = field.type();
    switch (type.kind()) {
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
          code.line(
              column
                  + ".putView(at, Memory.getLong("
                  + address
                  + "), Memory.getLong("
                  + address
                  + " + 8));");
      case DECIMAL -> {
        code.line("Memory.putLong(" + at(4) + ", Memory.getLong(" + address + "));");
        code.line("Memory.putLong(" + at(4) + " + 8, Memory.getLong(" + address + " + 8));");
      }
      case REAL, DOUBLE -> putDouble(code, "Memory.getDouble(" + address + ")");
      default -> putLong(code, "Memory.getLong(" + address + ")");
    }
  }
}
