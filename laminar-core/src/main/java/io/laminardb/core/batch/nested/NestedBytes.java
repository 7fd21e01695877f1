package io.laminardb.core.batch.nested;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;

/** Finds its way in the bytes of nested values; see {@link NestedWriter} for what they look like. */
public final class NestedBytes {
  private NestedBytes() {}

  /** Bytes of a value of a type within another, its mark not counted; -1 where they differ. */
  public static int width(DataType type) {
    return type.isVariableWidth() ? -1 : Math.max(1, type.kind().width());
  }

  /** Whether the item at {@code address} is NULL. */
  public static boolean isNull(long address) {
    return Memory.getByte(address) == NestedWriter.NULL;
  }

  /** Whether the items of an ARRAY or MAP end at {@code address}. */
  public static boolean isEnd(long address) {
    return Memory.getByte(address) == NestedWriter.END;
  }

  /** The address behind the item, mark and value, at {@code address}. */
  public static long afterItem(DataType type, long address) {
    int width = width(type);
    if (width > 0) {
      return address + 1 + width;
    }
    return isNull(address) ? address + 1 : afterValue(type, address + 1);
  }

  /** The address behind the value, which has no mark, at {@code address}. */
  static long afterValue(DataType type, long address) {
    long at = address;
    switch (type.kind()) {
      case ARRAY, MAP -> {
        while (!isEnd(at)) {
          at = afterEntry(type, at);
        }
        return at + 1;
      }
      case ROW -> {
        for (int i = 0; i < type.children().size(); i++) {
          at = afterItem(type.children().get(i).type(), at);
        }
        return at;
      }
      case VARCHAR, VARBINARY -> {
        return afterText(at);
      }
      default -> {
        return at + width(type);
      }
    }
  }

  private static long afterText(long address) {
    long at = address;
    while (true) {
      at = zero(at);
      if (Memory.getByte(at + 1) == 0) {
        return at + 2;
      }
      at += 2;
    }
  }

  /** The address of the next byte that is 0. */
  public static long zero(long address) {
    long at = address;
    while (Memory.getByte(at) != 0) {
      at++;
    }
    return at;
  }

  /** Elements of an ARRAY, or entries of a MAP. */
  public static int count(DataType type, Utf8 value) {
    int width = width(type.element());
    if (type.kind() == DataType.Kind.ARRAY && width > 0) {
      return (value.length - 1) / (1 + width);
    }
    int count = 0;
    for (long at = value.address; !isEnd(at); at = afterEntry(type, at)) {
      count++;
    }
    return count;
  }

  /** The address behind an element of an ARRAY, or an entry of a MAP. */
  public static long afterEntry(DataType type, long address) {
    long next = afterItem(type.element(), address);
    return type.kind() == DataType.Kind.MAP ? afterItem(type.mapValue(), next) : next;
  }

  /** The address of element {@code index}, from 0, of an ARRAY; 0 where there is none. */
  public static long element(DataType type, Utf8 array, long index) {
    if (index < 0) {
      return 0;
    }
    int width = width(type.element());
    if (width > 0) {
      long stride = 1L + width;
      return index < (array.length - 1) / stride ? array.address + index * stride : 0;
    }
    long at = array.address;
    for (long i = 0; !isEnd(at); i++, at = afterItem(type.element(), at)) {
      if (i == index) {
        return at;
      }
    }
    return 0;
  }

  /** The address of the item of a MAP's value by the item of its key; 0 where there is none. */
  public static long entry(DataType type, Utf8 map, Utf8 key) {
    for (long at = map.address; !isEnd(at); ) {
      long value = afterItem(type.element(), at);
      int order = Memory.compare(at, (int) (value - at), key.address, key.length);
      if (order >= 0) {
        return order == 0 ? value : 0; // keys are in order
      }
      at = afterItem(type.mapValue(), value);
    }
    return 0;
  }

  /** The address of the item of field {@code index} of a ROW. */
  public static long field(DataType type, Utf8 row, int index) {
    long at = row.address;
    for (int i = 0; i < index; i++) {
      at = afterItem(type.children().get(i).type(), at);
    }
    return at;
  }
}
