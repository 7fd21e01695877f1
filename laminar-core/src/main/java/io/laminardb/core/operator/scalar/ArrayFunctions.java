package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.util.Arrays;

/**
 * Functions of ARRAYs, over their bytes. {@code type} is the type of the first array; elements come
 * and go as items (see {@link NestedWriter}), 0 for none. Results are written to {@code out}.
 */
public final class ArrayFunctions {
  /** Elements a function may make of two values. */
  private static final long MOST_ELEMENTS = 10_000_000;

  private ArrayFunctions() {}

  /** Elements of an ARRAY, or entries of a MAP. */
  public static int count(DataType type, Utf8 collection) {
    return NestedBytes.count(type, collection);
  }

  /** The collection itself. */
  public static Utf8 same(DataType type, Utf8 collection) {
    return collection;
  }

  /** The element at a place from 1, or from the end where it is negative. */
  public static long element(DataType type, Utf8 array, long place) {
    return NestedBytes.element(
        type, array, place > 0 ? place - 1 : place < 0 ? count(type, array) + place : -1);
  }

  /** The only element. */
  public static long single(DataType type, Utf8 array) {
    int count = count(type, array);
    if (count > 1) {
      throw failed("ELEMENT takes an array of one element, not of " + count + ".");
    }
    return NestedBytes.element(type, array, 0);
  }

  public static boolean contains(DataType type, Utf8 array, Utf8 item) {
    return find(type, array, item) != 0;
  }

  /** The place, from 1, of the first equal element; 0 for none. */
  public static int position(DataType type, Utf8 array, Utf8 item) {
    int place = 1;
    for (long at = array.address; !NestedBytes.isEnd(at); place++) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (isSame(at, next, item)) {
        return place;
      }
      at = next;
    }
    return 0;
  }

  private static boolean isSame(long from, long to, Utf8 item) {
    return to - from == item.length && Memory.equal(from, item.address, item.length);
  }

  private static long find(DataType type, Utf8 array, Utf8 item) {
    return find(type, array.address, array.address + array.length, item.address, item.length);
  }

  /** The first element in {@code [from, end)}, or before the end of the array, that is equal; or 0. */
  private static long find(DataType type, long from, long end, long item, long length) {
    for (long at = from; at < end && !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (next - at == length && Memory.equal(at, item, (int) length)) {
        return at;
      }
      at = next;
    }
    return 0;
  }

  /** Whether an element of the one is in the other; NULLs are equal to nothing. */
  public static boolean hasAny(DataType type, Utf8 array, Utf8 other) {
    for (long at = other.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (!NestedBytes.isNull(at) && find(type, array, at, next)) {
        return true;
      }
      at = next;
    }
    return false;
  }

  /** Whether all elements of the other are in the one; NULLs do not count. */
  public static boolean hasAll(DataType type, Utf8 array, Utf8 other) {
    for (long at = other.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (!NestedBytes.isNull(at) && !find(type, array, at, next)) {
        return false;
      }
      at = next;
    }
    return true;
  }

  private static boolean find(DataType type, Utf8 array, long item, long end) {
    return find(type, array.address, array.address + array.length, item, end - item) != 0;
  }

  public static Utf8 concat(DataType type, NestedWriter out, Utf8 array, Utf8 other) {
    return out.start()
        .append(array.address, array.length - 1)
        .append(other.address, other.length)
        .result();
  }

  public static Utf8 append(DataType type, NestedWriter out, Utf8 array, Utf8 item) {
    return out.start()
        .append(array.address, array.length - 1)
        .append(item.address, item.length)
        .mark(NestedWriter.END)
        .result();
  }

  public static Utf8 prepend(DataType type, NestedWriter out, Utf8 array, Utf8 item) {
    return out.start()
        .append(item.address, item.length)
        .append(array.address, array.length)
        .result();
  }

  /** Without the elements that are equal to an item. */
  public static Utf8 remove(DataType type, NestedWriter out, Utf8 array, Utf8 item) {
    out.start();
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (!isSame(at, next, item)) {
        out.append(at, next - at);
      }
      at = next;
    }
    return out.mark(NestedWriter.END).result();
  }

  /** The elements from one place to another, both included; negative ones count from the end. */
  public static Utf8 slice(DataType type, NestedWriter out, Utf8 array, long from, long to) {
    int count = count(type, array);
    long first = from < 0 ? Math.max(1, count + from + 1) : Math.max(1, from);
    long last = to < 0 ? count + to + 1 : Math.min(to, count);
    out.start();
    long at = array.address;
    for (long place = 1; place <= last; place++) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (place >= first) {
        out.append(at, next - at);
      }
      at = next;
    }
    return out.mark(NestedWriter.END).result();
  }

  public static Utf8 reverse(DataType type, NestedWriter out, Utf8 array) {
    long[] items = items(type, array);
    out.start();
    for (int i = items.length - 2; i >= 0; i--) {
      out.append(items[i], items[i + 1] - items[i]);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** In order, NULLs last. */
  public static Utf8 sort(DataType type, NestedWriter out, Utf8 array) {
    return sort(type, out, array, true);
  }

  /** In the reverse order, NULLs last. */
  public static Utf8 sortReverse(DataType type, NestedWriter out, Utf8 array) {
    return sort(type, out, array, false);
  }

  /** In order or its reverse, NULLs last. */
  public static Utf8 sort(DataType type, NestedWriter out, Utf8 array, boolean ascending) {
    return sort(type, out, array, ascending, false);
  }

  static Utf8 sort(
      DataType type, NestedWriter out, Utf8 array, boolean ascending, boolean nullsFirst) {
    long[] items = items(type, array);
    Span[] spans = new Span[items.length - 1];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = new Span(items[i], (int) (items[i + 1] - items[i]), ascending, nullsFirst);
    }
    Arrays.sort(spans);
    out.start();
    for (Span span : spans) {
      out.append(span.address, span.length);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** An element to be sorted. */
  private record Span(long address, int length, boolean ascending, boolean nullsFirst)
      implements Comparable<Span> {
    @Override
    public int compareTo(Span other) {
      int order = Memory.compare(address, length, other.address, other.length);
      boolean nulls = NestedBytes.isNull(address) || NestedBytes.isNull(other.address);
      return (nulls ? !nullsFirst : ascending) ? order : -order;
    }
  }

  /** The addresses of all elements, and that of the end. */
  private static long[] items(DataType type, Utf8 array) {
    long[] items = new long[count(type, array) + 1];
    long at = array.address;
    for (int i = 0; i < items.length; i++) {
      items[i] = at;
      at = i + 1 < items.length ? NestedBytes.afterItem(type.element(), at) : at;
    }
    return items;
  }

  /** Each value once, in the order of first places, without NULL. */
  public static Utf8 distinct(DataType type, NestedWriter out, Utf8 array) {
    out.start();
    addNew(type, out, array, null, false);
    return out.mark(NestedWriter.END).result();
  }

  /** Each value of either once, without NULL. */
  public static Utf8 union(DataType type, NestedWriter out, Utf8 array, Utf8 other) {
    out.start();
    addNew(type, out, array, null, false);
    addNew(type, out, other, null, false);
    return out.mark(NestedWriter.END).result();
  }

  /** Each value of both once, without NULL. */
  public static Utf8 intersect(DataType type, NestedWriter out, Utf8 array, Utf8 other) {
    out.start();
    addNew(type, out, array, other, true);
    return out.mark(NestedWriter.END).result();
  }

  /** Each value of the one that is not in the other once, without NULL. */
  public static Utf8 except(DataType type, NestedWriter out, Utf8 array, Utf8 other) {
    out.start();
    addNew(type, out, array, other, false);
    return out.mark(NestedWriter.END).result();
  }

  /** Appends the values that have not been, and are or are not in {@code other} where there is one. */
  private static void addNew(
      DataType type, NestedWriter out, Utf8 array, Utf8 other, boolean wanted) {
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      boolean taken = other == null || find(type, other, at, next) == wanted;
      long end = out.address() + out.length();
      if (taken
          && !NestedBytes.isNull(at)
          && (out.length() == 0 || find(type, out.address(), end, at, next - at) == 0)) {
        out.append(at, next - at);
      }
      at = next;
    }
  }

  /** The least element that is not NULL. */
  public static long min(DataType type, Utf8 array) {
    return extreme(type, array, -1);
  }

  /** The greatest element that is not NULL. */
  public static long max(DataType type, Utf8 array) {
    return extreme(type, array, 1);
  }

  private static long extreme(DataType type, Utf8 array, int sign) {
    long best = 0;
    long bestEnd = 0;
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      boolean better =
          best == 0
              || sign * Memory.compare(at, (int) (next - at), best, (int) (bestEnd - best)) > 0;
      if (better && !NestedBytes.isNull(at)) {
        best = at;
        bestEnd = next;
      }
      at = next;
    }
    return best;
  }

  /** The elements of the elements, without those that are NULL as a whole. */
  public static Utf8 flatten(DataType type, NestedWriter out, Utf8 array) {
    out.start();
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      long next = NestedBytes.afterItem(type.element(), at);
      if (!NestedBytes.isNull(at)) {
        out.append(at + 1, next - at - 2);
      }
      at = next;
    }
    return out.mark(NestedWriter.END).result();
  }

  /** {@code from} up to and with {@code to}. */
  public static Utf8 series(DataType none, NestedWriter out, long from, long to) {
    return series(none, out, from, to, 1);
  }

  /** Refuses more elements, counted without sign, than a function may make of two values. */
  static void checkSeries(long count) {
    if (Long.compareUnsigned(count, MOST_ELEMENTS) >= 0) {
      throw failed("a series may have at most " + MOST_ELEMENTS + " elements.");
    }
  }

  /** 0, 1 and so on, up to and with {@code to}. */
  public static Utf8 series(DataType none, NestedWriter out, long to) {
    return series(none, out, 0, to, 1);
  }

  /** 0, 1 and so on, up to and without {@code to}. */
  public static Utf8 range(DataType none, NestedWriter out, long to) {
    return range(none, out, 0, to, 1);
  }

  /** {@code from}, by {@code step}, up to and with {@code to}. */
  public static Utf8 series(DataType none, NestedWriter out, long from, long to, long step) {
    if (step == 0) {
      throw failed("the step of a series is 0.");
    }
    out.start();
    boolean any = step > 0 ? from <= to : from >= to;
    // As numbers without sign: the way from one BIGINT to another may be longer than a BIGINT.
    long steps = Long.divideUnsigned(step > 0 ? to - from : from - to, Math.abs(step));
    checkSeries(any ? steps : 0);
    long next = from;
    for (long i = 0; any && i <= steps; i++, next += step) {
      out.putLong(next, 8);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** Up to and without {@code to}. */
  public static Utf8 range(DataType none, NestedWriter out, long from, long to) {
    return range(none, out, from, to, 1);
  }

  /** By {@code step}, up to and without {@code to}. */
  public static Utf8 range(DataType none, NestedWriter out, long from, long to, long step) {
    return from == to
        ? out.start().mark(NestedWriter.END).result()
        : series(none, out, from, step > 0 ? to - 1 : to + 1, step);
  }

  /** The sum of BIGINTs that are not NULL; 0 where there is none. */
  public static long sumOfIntegers(DataType type, NestedWriter out, Utf8 array) {
    long sum = 0;
    boolean any = false;
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      if (!NestedBytes.isNull(at)) {
        sum = Numbers.add(sum, NestedCodec.getLong(at, 8), "ARRAY_SUM");
        any = true;
      }
      at = NestedBytes.afterItem(type.element(), at);
    }
    out.start().putLong(sum, 8);
    return any ? out.address() : 0;
  }

  /** The sum of DOUBLEs that are not NULL; 0 where there is none. */
  public static long sum(DataType type, NestedWriter out, Utf8 array) {
    return sum(type, out, array, false);
  }

  /** The mean of DOUBLEs that are not NULL; 0 where there is none. */
  public static long mean(DataType type, NestedWriter out, Utf8 array) {
    return sum(type, out, array, true);
  }

  private static long sum(DataType type, NestedWriter out, Utf8 array, boolean mean) {
    double sum = 0;
    long count = 0;
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      if (!NestedBytes.isNull(at)) {
        sum += NestedCodec.getDouble(at);
        count++;
      }
      at = NestedBytes.afterItem(type.element(), at);
    }
    out.start().putDouble(mean ? sum / count : sum);
    return count > 0 ? out.address() : 0;
  }

  /** The elements that are not NULL, one behind the other. */
  public static Utf8 join(Joiner joiner, DataType type, Utf8 array, Utf8 separator) {
    return join(joiner, type, array, separator, null);
  }

  /** The elements, with a text for those that are NULL. */
  public static Utf8 join(Joiner joiner, DataType type, Utf8 array, Utf8 separator, Utf8 nullText) {
    joiner.start(separator);
    for (long at = array.address; !NestedBytes.isEnd(at); ) {
      if (!NestedBytes.isNull(at)) {
        joiner.addItem(at);
      } else if (nullText != null) {
        joiner.add(nullText);
      }
      at = NestedBytes.afterItem(type.element(), at);
    }
    return joiner.result();
  }

  /** The parts of a text between separators; an empty separator takes every character apart. */
  public static Utf8 split(DataType none, NestedWriter out, Utf8 text, Utf8 separator) {
    out.start();
    int start = 0;
    for (int at = 0; at < text.length; ) {
      boolean found =
          at + separator.length <= text.length
              && Memory.equal(text.address + at, separator.address, separator.length);
      if (separator.length == 0) {
        int next = at + 1;
        while (next < text.length && (Memory.getByte(text.address + next) & 0xc0) == 0x80) {
          next++;
        }
        out.putText(text.address + at, next - at);
        at = next;
        start = at;
      } else if (found) {
        out.putText(text.address + start, at - start);
        at += separator.length;
        start = at;
      } else {
        at++;
      }
    }
    if (separator.length > 0 || text.length == 0) {
      out.putText(text.address + start, text.length - start);
    }
    return out.mark(NestedWriter.END).result();
  }

  /** What a reduction without an initial value is of an array without elements. */
  public static LaminarException emptyReduction() {
    return failed("an array without elements has nothing to begin the reduction with.");
  }

  private static LaminarException failed(String problem) {
    return new LaminarException(ErrorCode.EXPRESSION_FAILED, problem);
  }
}
