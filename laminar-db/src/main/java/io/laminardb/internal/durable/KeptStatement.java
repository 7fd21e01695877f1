package io.laminardb.internal.durable;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A statement that made or dropped something, and the settings it was executed under: what it takes to
 * execute it again with the same result.
 *
 * @param text as written, variables not replaced
 * @param columns of a source whose columns were inferred, as SQL; else null
 * @param zone the session's time zone, or null for UTC
 * @param stateTtlNs the session's state_ttl, 0 for none
 * @param variables what SET has given to variables; null for those that RESET has taken away
 * @param indexes there were: a query that was planned by one keeps it when it is dropped
 */
public record KeptStatement(
    String text,
    String columns,
    String zone,
    long stateTtlNs,
    Map<String, String> variables,
    List<IndexedColumns> indexes) {
  private static final int FORMAT = 2;

  /** Columns of a table or view that an index knew its rows by. */
  public record IndexedColumns(String object, List<Integer> columns) {
    public IndexedColumns {
      columns = List.copyOf(columns);
    }
  }

  public KeptStatement {
    requireNonNull(text, "text");
    variables = Collections.unmodifiableMap(new TreeMap<>(variables));
    indexes = List.copyOf(indexes);
  }

  byte[] toBytes() {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putInt(FORMAT);
    writer.putText(text);
    writer.putText(columns);
    writer.putText(zone);
    writer.putLong(stateTtlNs);
    writer.putInt(variables.size());
    variables.forEach(
        (name, value) -> {
          writer.putText(name);
          writer.putText(value);
        });
    writer.putInt(indexes.size());
    for (IndexedColumns index : indexes) {
      writer.putText(index.object());
      writer.putInt(index.columns().size());
      index.columns().forEach(writer::putInt);
    }
    return writer.toBytes();
  }

  static KeptStatement of(byte[] bytes) {
    StateReader reader = Formats.reader(bytes, FORMAT, "a statement");
    String text = reader.getText();
    String columns = reader.getText();
    String zone = reader.getText();
    long stateTtlNs = reader.getLong();
    Map<String, String> variables = new TreeMap<>();
    for (int count = reader.getInt(); count > 0; count--) {
      variables.put(reader.getText(), reader.getText());
    }
    List<IndexedColumns> indexes = new ArrayList<>();
    for (int count = reader.getInt(); count > 0; count--) {
      String object = reader.getText();
      List<Integer> indexed = new ArrayList<>();
      for (int each = reader.getInt(); each > 0; each--) {
        indexed.add(reader.getInt());
      }
      indexes.add(new IndexedColumns(object, indexed));
    }
    return new KeptStatement(text, columns, zone, stateTtlNs, variables, indexes);
  }
}
