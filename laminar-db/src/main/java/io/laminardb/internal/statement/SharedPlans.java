package io.laminardb.internal.statement;

import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which queries share which parts, by digests: what it takes to let them share again. */
final class SharedPlans {
  private final int lastNumber;
  private final Map<String, String> digests = new LinkedHashMap<>(); // of parts, by stream
  private final Set<String> readable = new TreeSet<>();
  private final Map<String, Map<String, String>> readers = new LinkedHashMap<>();

  SharedPlans(int lastNumber) {
    this.lastNumber = lastNumber;
  }

  int lastNumber() {
    return lastNumber;
  }

  /**
   * A part.
   *
   * @param isReadable whether others may read it late
   * @param below the digests of the parts it reads, and their streams
   */
  void addPart(String stream, String digest, boolean isReadable, Map<String, String> below) {
    digests.put(stream, digest);
    if (isReadable) {
      readable.add(stream);
    }
    addReader(stream, below);
  }

  /** A query or part that reads parts. */
  void addReader(String name, Map<String, String> shared) {
    readers.put(name, shared);
  }

  /** Digests of what a query or part shares, and the streams that give it. */
  Map<String, String> of(String reader) {
    return readers.getOrDefault(reader, Map.of());
  }

  boolean isReadable(String stream) {
    return readable.contains(stream);
  }

  byte[] toBytes() {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putInt(lastNumber);
    writer.putInt(digests.size());
    digests.forEach(
        (stream, digest) -> {
          writer.putText(stream);
          writer.putText(digest);
          writer.putByte(readable.contains(stream) ? 1 : 0);
        });
    writer.putInt(readers.size());
    readers.forEach(
        (name, shared) -> {
          writer.putText(name);
          writer.putInt(shared.size());
          shared.forEach(
              (digest, stream) -> {
                writer.putText(digest);
                writer.putText(stream);
              });
        });
    return writer.toBytes();
  }

  static SharedPlans of(byte[] bytes) {
    StateReader reader = new StateReader(bytes);
    reader.hasSection();
    reader.section();
    SharedPlans plans = new SharedPlans(reader.getInt());
    for (int count = reader.getInt(); count > 0; count--) {
      String stream = reader.getText();
      plans.digests.put(stream, reader.getText());
      if (reader.getByte() != 0) {
        plans.readable.add(stream);
      }
    }
    for (int count = reader.getInt(); count > 0; count--) {
      String name = reader.getText();
      Map<String, String> shared = new LinkedHashMap<>();
      for (int each = reader.getInt(); each > 0; each--) {
        String digest = reader.getText();
        shared.put(digest, reader.getText());
      }
      plans.readers.put(name, shared);
    }
    return plans;
  }
}
