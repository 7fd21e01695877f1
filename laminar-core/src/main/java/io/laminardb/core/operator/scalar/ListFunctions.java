package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import java.util.Locale;

/** Functions of ARRAYs that choose elements, or put them side by side; as {@link ArrayFunctions}. */
public final class ListFunctions {
  private static final int MOST_ELEMENTS = 10_000_000;

  private ListFunctions() {}

  /** ROWs of the elements at the same place; NULL where an array has ended. */
  public static Utf8 zip(
      DataType type,
      NestedWriter out,
      DataType firstType,
      Utf8 first,
      DataType nextType,
      Utf8 next) {
    out.start();
    long a = first.address;
    long b = next.address;
    while (!NestedBytes.isEnd(a) || !NestedBytes.isEnd(b)) {
      out.mark(NestedWriter.VALUE);
      a = put(out, firstType, a);
      b = put(out, nextType, b);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** As above, of three. */
  public static Utf8 zip(
      DataType type,
      NestedWriter out,
      DataType firstType,
      Utf8 first,
      DataType nextType,
      Utf8 next,
      DataType lastType,
      Utf8 last) {
    out.start();
    long a = first.address;
    long b = next.address;
    long c = last.address;
    while (!NestedBytes.isEnd(a) || !NestedBytes.isEnd(b) || !NestedBytes.isEnd(c)) {
      out.mark(NestedWriter.VALUE);
      a = put(out, firstType, a);
      b = put(out, nextType, b);
      c = put(out, lastType, c);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** Appends an element, or NULL behind the last, and goes on to the next. */
  private static long put(NestedWriter out, DataType array, long at) {
    if (NestedBytes.isEnd(at)) {
      out.putNull(array.element());
      return at;
    }
    long next = NestedBytes.afterItem(array.element(), at);
    out.append(at, next - at);
    return next;
  }

  /** The first elements, as many as said, with NULLs behind them where there are fewer. */
  public static Utf8 resize(DataType type, NestedWriter out, Utf8 array, long size) {
    return resize(type, out, array, size, null);
  }

  /** The elements, so many times. */
  public static Utf8 repeat(DataType type, NestedWriter out, Utf8 array, long times) {
    long count = Math.max(0, times);
    if (count * ArrayFunctions.count(type, array) > MOST_ELEMENTS || count > MOST_ELEMENTS) {
      throw tooMany();
    }
    out.start();
    for (long i = 0; i < count; i++) {
      out.append(array.address, array.length - 1);
    }
    return out.mark(NestedWriter.END).result();
  }

  private static LaminarException tooMany() {
    return Failures.argument("an array may have 0 to " + MOST_ELEMENTS + " elements.");
  }

  /** As above, with an item behind them. */
  public static Utf8 resize(DataType type, NestedWriter out, Utf8 array, long size, Utf8 item) {
    if (size < 0 || size > MOST_ELEMENTS) {
      throw tooMany();
    }
    out.start();
    long at = array.address;
    for (long i = 0; i < size; i++) {
      if (!NestedBytes.isEnd(at)) {
        at = put(out, type, at);
      } else if (item == null) {
        out.putNull(type.element());
      } else {
        out.append(item.address, item.length);
      }
    }
    return out.mark(NestedWriter.END).result();
  }

  /** The elements at places from 1, from the end where negative; NULL where there is none. */
  public static Utf8 select(DataType type, NestedWriter out, Utf8 array, Utf8 places) {
    out.start();
    for (long at = places.address; !NestedBytes.isEnd(at); at += 9) {
      long item =
          NestedBytes.isNull(at)
              ? 0
              : ArrayFunctions.element(type, array, NestedCodec.getLong(at, 8));
      if (item == 0) {
        out.putNull(type.element());
      } else {
        out.append(item, NestedBytes.afterItem(type.element(), item) - item);
      }
    }
    return out.mark(NestedWriter.END).result();
  }

  /** The elements beside which TRUE stands; NULL where there are fewer elements. */
  public static Utf8 where(
      DataType type, NestedWriter out, Utf8 array, DataType truthsType, Utf8 truths) {
    out.start();
    long at = array.address;
    for (long truth = truths.address; !NestedBytes.isEnd(truth); ) {
      boolean wanted = !NestedBytes.isNull(truth) && NestedCodec.getBoolean(truth);
      if (wanted) {
        at = put(out, type, at);
      } else if (!NestedBytes.isEnd(at)) {
        at = NestedBytes.afterItem(type.element(), at);
      }
      truth = NestedBytes.afterItem(truthsType.element(), truth);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** In the order that is said, {@code ASC} or {@code DESC}, NULLs last. */
  public static Utf8 sort(DataType type, NestedWriter out, Utf8 array, Utf8 order) {
    return ArrayFunctions.sort(type, out, array, isAscending(order), false);
  }

  /** In the order that is said, with {@code NULLS FIRST} or {@code NULLS LAST}. */
  public static Utf8 sort(DataType type, NestedWriter out, Utf8 array, Utf8 order, Utf8 nulls) {
    return ArrayFunctions.sort(type, out, array, isAscending(order), isNullsFirst(nulls));
  }

  /** The greatest first. */
  public static Utf8 sortReverse(DataType type, NestedWriter out, Utf8 array, Utf8 nulls) {
    return ArrayFunctions.sort(type, out, array, false, isNullsFirst(nulls));
  }

  private static boolean isAscending(Utf8 order) {
    return switch (order.toString().toUpperCase(Locale.ROOT).strip()) {
      case "ASC" -> true;
      case "DESC" -> false;
      default ->
          throw Failures.argument("the order of an array is 'ASC' or 'DESC', not '" + order + "'.");
    };
  }

  private static boolean isNullsFirst(Utf8 nulls) {
    return switch (nulls.toString().toUpperCase(Locale.ROOT).strip()) {
      case "NULLS FIRST" -> true;
      case "NULLS LAST" -> false;
      default ->
          throw Failures.argument(
              "NULLs stand 'NULLS FIRST' or 'NULLS LAST', not '" + nulls + "'.");
    };
  }
}
