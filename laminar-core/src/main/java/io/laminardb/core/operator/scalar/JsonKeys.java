package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** JSON_KEYS: the keys of an object, as an ARRAY of texts in the order they stand in. One thread. */
public final class JsonKeys {
  private final JsonScanner json = new JsonScanner();
  private final Utf8Buffer key;
  private final NestedWriter out;

  /**
   * @param key where a key is decoded; the caller's
   * @param result takes the array; the caller's
   */
  public JsonKeys(Utf8Buffer key, Utf8Buffer result) {
    this.key = key;
    this.out = new NestedWriter(result);
  }

  /** The keys; no elements for what is no object. Fails for what is not JSON. */
  public Utf8 keys(Utf8 text) {
    json.open(text);
    if (!json.isValid()) {
      throw Failures.argument("'" + Failures.shortened(text) + "' is not JSON.");
    }
    out.start();
    json.at(0);
    json.skipBlanks();
    if (json.peek() == '{') {
      members();
    }
    out.mark(NestedWriter.END);
    return out.result();
  }

  private void members() {
    do {
      json.at(json.at() + 1); // the bracket or the comma
      json.skipBlanks();
      if (json.peek() == '}') {
        return;
      }
      int from = json.at();
      json.skipText();
      out.putText(json.decode(from, json.at(), key));
      json.skipColon();
      json.skipValue();
      json.skipBlanks();
    } while (json.peek() == ',');
  }
}
