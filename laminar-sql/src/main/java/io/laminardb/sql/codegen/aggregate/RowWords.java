package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.codegen.CodeBuffer;

/** Where what is evaluated of a row waits until it is added to its group. */
interface RowWords {
  /** Takes room for an argument called {@code hint}. */
  Slot take(DataType type, Slot.Form form, String hint);

  /** Makes a slot known before the block in which it may be stored. */
  void declare(CodeBuffer code, Slot slot);

  /** Stores a Java long as a word of a slot. */
  void store(CodeBuffer code, Slot slot, int word, String java);

  /** Stores a Java double in a slot of the form PLAIN. */
  void storeDouble(CodeBuffer code, Slot slot, String java);

  /** Stores a Java condition and returns the one that says the same when the row is added. */
  String flag(CodeBuffer code, String condition);

  /** The Java of an address at which a computed text stays until the row is added. */
  String lasts(String address, String length);
}
