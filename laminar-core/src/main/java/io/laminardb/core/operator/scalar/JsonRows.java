package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** The members and elements of a JSON text as ARRAYs, for table functions. One thread. */
public final class JsonRows {
  private final JsonScanner json = new JsonScanner();
  private final Utf8Buffer part;

  /**
   * @param part where one key or value is put together; the caller's
   */
  public JsonRows(Utf8Buffer part) {
    this.part = part;
  }

  /** Key and JSON of each member; the key of an element is its place from 0, that of a scalar NULL. */
  public Utf8 each(DataType none, NestedWriter out, Utf8 text) {
    return members(out, text, false);
  }

  /** As {@link #each}, with texts as they are and NULL for {@code null}. */
  public Utf8 eachText(DataType none, NestedWriter out, Utf8 text) {
    return members(out, text, true);
  }

  /** The JSON of each element. */
  public Utf8 elements(DataType none, NestedWriter out, Utf8 text) {
    return elements(out, text, false);
  }

  /** As {@link #elements}, with texts as they are and NULL for {@code null}. */
  public Utf8 elementsText(DataType none, NestedWriter out, Utf8 text) {
    return elements(out, text, true);
  }

  /** The keys of an object; none of what is no object. */
  public Utf8 keys(DataType none, NestedWriter out, Utf8 text) {
    open(text);
    out.start();
    boolean object = json.peek() == '{';
    while (object && json.next()) {
      key(out);
      json.skipValue();
    }
    return out.mark(NestedWriter.END).result();
  }

  private Utf8 members(NestedWriter out, Utf8 text, boolean plain) {
    open(text);
    out.start();
    byte kind = json.peek();
    if (kind != '{' && kind != '[') {
      out.mark(NestedWriter.VALUE).putNull(0);
      value(out, plain);
      return out.mark(NestedWriter.END).result();
    }
    for (int place = 0; json.next(); place++) {
      out.mark(NestedWriter.VALUE);
      if (kind == '{') {
        key(out);
      } else {
        out.putText(part.setString(Integer.toString(place)));
      }
      value(out, plain);
    }
    return out.mark(NestedWriter.END).result();
  }

  private Utf8 elements(NestedWriter out, Utf8 text, boolean plain) {
    open(text);
    if (json.peek() != '[') {
      throw Failures.argument("'" + Failures.shortened(text) + "' is no JSON array.");
    }
    out.start();
    while (json.next()) {
      value(out, plain);
    }
    return out.mark(NestedWriter.END).result();
  }

  private void open(Utf8 text) {
    json.open(text);
    if (!json.isValid()) {
      throw Failures.argument("'" + Failures.shortened(text) + "' is not JSON.");
    }
    json.at(0);
    json.skipBlanks();
  }

  private void key(NestedWriter out) {
    int from = json.at();
    json.skipText();
    out.putText(json.decode(from, json.at(), part));
    json.skipColon();
  }

  private void value(NestedWriter out, boolean plain) {
    int from = json.at();
    byte kind = json.peek();
    json.skipValue();
    if (plain && kind == 'n') {
      out.putNull(0);
    } else if (plain && kind == '"') {
      out.putText(json.decode(from, json.at(), part));
    } else {
      out.putText(json.compact(from, json.at(), part));
    }
  }
}
