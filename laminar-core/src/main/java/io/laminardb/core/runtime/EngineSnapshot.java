package io.laminardb.core.runtime;

import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableCopies;
import io.laminardb.core.state.TablePages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The state of sources, queries and subscriptions at one moment between two events, as named parts: a head for each
 * source, query and subscription that is kept, the sections of each operator's state and each stream's
 * present content, and the rows of subscriptions. So what has not changed since an earlier snapshot
 * has equal parts. Tables that track changes are not among them where {@link TableCopies} copies those;
 * to restore they are, in pieces. Immutable.
 */
public final class EngineSnapshot {
  /** State of less bytes is one part. */
  private static final int WHOLE_BYTES = 16 << 10;

  /** Numbers of parts have as many digits as this, but for its first one. */
  private static final int PART_NUMBERS = 100_000_000;

  private static final String SOURCE = "source/";
  private static final String QUERY = "query/";
  private static final String SUBSCRIPTION = "subscription/";
  private static final String CONTENT = "content";

  private final TreeMap<String, byte[]> parts;

  private EngineSnapshot(TreeMap<String, byte[]> parts) {
    this.parts = parts;
  }

  /** A snapshot of parts that one was made of; others among them are not looked at. */
  public static EngineSnapshot of(Map<String, byte[]> parts) {
    return new EngineSnapshot(new TreeMap<>(parts));
  }

  /** The parts by name. */
  public Map<String, byte[]> parts() {
    return Collections.unmodifiableMap(parts);
  }

  /** Bytes of all parts. */
  public long sizeBytes() {
    return parts.values().stream().mapToLong(bytes -> bytes.length).sum();
  }

  // ---- Writing

  static EngineSnapshot of(
      Collection<SourceTask> sources,
      Collection<Query> queries,
      Collection<KeptSubscription> subscriptions,
      TableCopies copies) {
    EngineSnapshot snapshot = new EngineSnapshot(new TreeMap<>());
    for (SourceTask source : sources) {
      StateWriter head = head();
      source.snapshot(head);
      String name = SOURCE + escaped(source.options.name());
      snapshot.parts.put(name, head.toBytes());
      snapshot.putContent(name, source.output);
    }
    for (Query query : queries) {
      snapshot.put(query, copies);
    }
    for (KeptSubscription subscription : subscriptions) {
      String name = SUBSCRIPTION + escaped(subscription.name);
      StateWriter head = head();
      subscription.snapshot(head);
      snapshot.parts.put(name, head.toBytes());
      subscription.putRows(name + "/", snapshot.parts);
    }
    return snapshot;
  }

  /** A name without the sign that divides names of parts. */
  private static String escaped(String name) {
    return name.replace("%", "%25").replace("/", "%2F");
  }

  private static StateWriter head() {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    return writer;
  }

  private static StateReader reader(byte[] bytes) {
    StateReader reader = new StateReader(bytes);
    if (reader.hasSection()) {
      reader.section();
    }
    return reader;
  }

  private void put(Query query, TableCopies copies) {
    if (query.isBlocked() || query.hasWork() && !query.isStopped()) {
      throw new LaminarException(
              ErrorCode.BACKPRESSURE, "query \"" + query.name + "\" is in the middle of a batch.")
          .mend("Take the rows of its subscriptions and call sync() before the snapshot.");
    }
    String name = QUERY + escaped(query.name);
    StateWriter head = head();
    query.snapshot(head);
    parts.put(name, head.toBytes());
    if (!query.isStopped()) {
      for (int i = 0; i < query.nodes.size(); i++) {
        if (copies != null) {
          copies.folder(name + "/" + i + "/");
        }
        putSections(name + "/" + i, query.nodes.get(i).sections(copies));
      }
    }
    putContent(name, query.output);
  }

  /** The present content of a stream that keeps it. */
  void putContent(String name, StreamOutput stream) {
    if (stream.content != null) {
      StateWriter writer = new StateWriter();
      stream.content.snapshot(writer);
      putSections(name + "/" + CONTENT, writer.sections());
    }
  }

  /** Puts state under a name, in one part where it is small. */
  void putSections(String name, List<byte[]> sections) {
    long length = 0;
    for (byte[] section : sections) {
      length += section.length;
    }
    if (length <= WHOLE_BYTES) {
      parts.put(name + "/", StateWriter.concatenated(sections));
      return;
    }
    int number = PART_NUMBERS;
    for (byte[] section : sections) {
      parts.put(name + "/" + Integer.toString(number++).substring(1), section);
    }
  }

  // ---- Reading

  /** The number by which records know a source, or -1. */
  public int idOf(String source) {
    byte[] head = parts.get(SOURCE + escaped(source));
    return head == null ? -1 : reader(head).getInt();
  }

  void restore(SourceTask source, Runnable morePartitions) {
    String name = SOURCE + escaped(source.options.name());
    byte[] head = parts.get(name);
    if (head != null) {
      source.restore(reader(head), morePartitions);
      restoreContent(name, source.output);
    }
  }

  void restore(Query query) {
    String name = QUERY + escaped(query.name);
    byte[] head = parts.get(name);
    if (head == null || query.isStopped()) {
      return;
    }
    query.restore(reader(head));
    restoreContent(name, query.output);
    for (int i = 0; i < query.nodes.size() && !query.isStopped(); i++) {
      query.nodes.get(i).restore(sections(name + "/" + i));
    }
  }

  void restore(KeptSubscription subscription) {
    String name = SUBSCRIPTION + escaped(subscription.name);
    byte[] head = parts.get(name);
    if (head != null) {
      subscription.restore(reader(head), parts.subMap(name + "/", name + "0"));
    }
  }

  /** The content of a stream that was put under a name, or null. The caller closes it. */
  ViewContent content(String name, StreamOutput stream, BufferAllocator allocator) {
    Collection<byte[]> sections = sections(name + "/" + CONTENT);
    if (sections.isEmpty()) {
      return null;
    }
    ViewContent content = new ViewContent(stream.name, stream.schema, allocator);
    try {
      content.restore(new StateReader(sections));
      return content;
    } catch (RuntimeException | Error e) {
      content.close();
      throw e;
    }
  }

  private void restoreContent(String name, StreamOutput stream) {
    if (stream.content != null) {
      stream.content.restore(new StateReader(sections(name + "/" + CONTENT)));
    }
  }

  /** The state that was put under a name. */
  Collection<byte[]> sections(String name) {
    List<byte[]> sections = new ArrayList<>();
    List<ByteBuffer> pieces = new ArrayList<>();
    String part = null;
    for (Map.Entry<String, byte[]> piece : parts.subMap(name + "/", name + "0").entrySet()) {
      String next = PartChanges.partOf(piece.getKey());
      if (!next.equals(part)) {
        addMerged(pieces, sections);
        part = next;
      }
      pieces.add(ByteBuffer.wrap(piece.getValue()));
    }
    addMerged(pieces, sections);
    return sections;
  }

  private static void addMerged(List<ByteBuffer> pieces, List<byte[]> sections) {
    if (!pieces.isEmpty()) {
      ByteBuffer whole =
          pieces.size() == 1 ? pieces.get(0) : TablePages.merged(pieces, ByteBuffer::allocate);
      sections.add(whole.array());
      pieces.clear();
    }
  }
}
