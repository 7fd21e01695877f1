package io.laminardb.internal.durable;

import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The statements that made what there is, in their order: executed again they make it anew. Guarded by
 * the database's monitor.
 */
final class KeptCatalog {
  private static final int FORMAT = 1;

  /**
   * @param name of what it made
   * @param kind what that is
   */
  record Entry(String name, KeptKind kind, KeptStatement statement) {}

  private final List<Entry> entries = new ArrayList<>();

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /**
   * A statement has made something, in place of what had its name.
   *
   * @param readsIt whether an entry reads that, directly or not, and has to be made behind it
   */
  void add(Entry entry, Predicate<Entry> readsIt) {
    entries.removeIf(
        old -> old.kind() == entry.kind() && old.name().equalsIgnoreCase(entry.name()));
    List<Entry> readers = entries.stream().filter(readsIt).toList();
    entries.removeAll(readers);
    entries.add(entry);
    entries.addAll(readers);
  }

  /** Forgets what there is no more. */
  void retain(Predicate<Entry> isThere) {
    entries.removeIf(isThere.negate());
  }

  byte[] toBytes() {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putInt(FORMAT);
    writer.putInt(entries.size());
    for (Entry entry : entries) {
      writer.putText(entry.name());
      writer.putByte(entry.kind().ordinal());
      writer.putBlock(entry.statement().toBytes());
    }
    return writer.toBytes();
  }

  /** Entries that were written. */
  static List<Entry> read(byte[] bytes) {
    StateReader reader = Formats.reader(bytes, FORMAT, "the catalog");
    List<Entry> entries = new ArrayList<>();
    for (int count = reader.getInt(); count > 0; count--) {
      String name = reader.getText();
      KeptKind kind = KeptKind.values()[reader.getByte()];
      entries.add(new Entry(name, kind, KeptStatement.of(reader.getBlock())));
    }
    return entries;
  }
}
