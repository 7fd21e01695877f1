package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.reactor.Reactor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down what a durable engine takes in, in its order, so that it can be taken in again with the
 * same result, to the last bit.
 *
 * <p>What comes in are <em>events</em>: a piece of rows, a mark, a change of a table, timers that are
 * due, a silence, what somebody outside has answered, a statement. One event at a time goes through the whole graph, and its record is
 * written before its effects begin; where an output refuses, the event waits, and all others with it.
 * Processing time stands still during an event. So the order in which operators are called depends on
 * nothing but the records. The driver's.
 *
 * <p>A record is a header, see {@link #HEADER}, and what its kind needs.
 */
final class InputLog implements Reactor.TimerGate {
  /** int kind, int source, long processing time, int partition, int number of what follows. */
  static final int HEADER = 24;

  static final int ROWS = 1;
  static final int MARK = 2;
  static final int WRITE = 3;
  static final int TICK = 4;
  static final int SILENCE = 5;
  static final int HANDLE = 6;
  static final int TIME = 7;
  static final int START = 8;
  static final int STATEMENT = 9;
  static final int OFFSET = 10;
  static final int ACK = 11;
  static final int FIRST = 12;
  static final int ANSWER = 13;
  static final int REREAD = 14;
  static final int REBUILT = 15;

  private final ReactorContext context;
  private final DurabilityMode mode;
  private Journal journal; // null while what was written down is taken in again
  private Object owner; // whose event is under way
  private boolean held; // by a statement
  private volatile long unwritten; // written by the driver
  private long nowEpochNs;
  private boolean full; // the last record found no room
  private final List<OperatorNode> asking = new ArrayList<>(); // somebody outside
  private final List<Query> sides = new ArrayList<>(); // that have set rows aside in this event

  /**
   * @param mode of sources that do not say one
   */
  InputLog(ReactorContext context, DurabilityMode mode) {
    this.context = context;
    this.mode = mode;
  }

  /** Writes down what comes from now on. */
  void writeTo(Journal newJournal) {
    journal = newJournal;
  }

  boolean isReplaying() {
    return journal == null;
  }

  /** Where records go, or null while they are taken in again. */
  Journal journal() {
    return journal;
  }

  // ---- Events

  /** Whether nothing is under way. */
  boolean isFree() {
    return owner == null;
  }

  boolean isOf(Object who) {
    return owner == who;
  }

  /** Whether an event of {@code who} is under way or may begin. */
  boolean mayBegin(Object who) {
    return owner == who || mayBegin() && !isFull();
  }

  private boolean mayBegin() {
    return owner == null && !held && journal != null && journal.failure() == null;
  }

  /** Whether an operator wants an answer before anything else. */
  private boolean isFull() {
    for (int i = 0; i < asking.size(); i++) {
      if (asking.get(i).isFull()) {
        return true;
      }
    }
    return false;
  }

  /** Begins an event of {@code who}, or goes on with it: nobody else's begins until it ends. */
  boolean begin(Object who) {
    return mayBegin(who) && own(who);
  }

  /** As {@link #begin}, of an answer that an operator has asked for. */
  boolean beginAnswer(OperatorNode who) {
    return (owner == who || mayBegin()) && own(who);
  }

  private boolean own(Object who) {
    if (owner == null) {
      owner = who;
      nowEpochNs = context.options.clock().epochNanos();
    }
    return true;
  }

  /** As {@link #begin}, of an event that was written down. */
  void beginAgain(Object who, long thenEpochNs) {
    owner = who;
    nowEpochNs = thenEpochNs;
  }

  /** Ends the event under way, once the rows that queries have set aside have gone on. */
  boolean end() {
    while (!sides.isEmpty()) {
      Query query = sides.get(sides.size() - 1);
      if (!query.flushSides()) {
        return false;
      }
      sides.remove(query);
    }
    owner = null;
    return true;
  }

  /** A query has set rows aside. */
  void hasSides(Query query) {
    if (!sides.contains(query)) {
      sides.add(query);
    }
  }

  /** An operator asks somebody outside. */
  void asks(OperatorNode node) {
    if (!asking.contains(node)) {
      asking.add(node);
    }
  }

  /** The operator is gone. */
  void asksNoMore(OperatorNode node) {
    asking.remove(node);
  }

  /** The query is gone. */
  void forget(Query query) {
    sides.remove(query);
  }

  // ---- Timers: the log itself is who they belong to

  @Override
  public boolean enter() {
    boolean goesOn = owner == this;
    if (!begin(this)) {
      return false;
    }
    if (!goesOn && !mark(TICK, 0, 0, nowEpochNs)) {
      owner = null;
      return false;
    }
    return true;
  }

  @Override
  public boolean isEntered() {
    return owner == this;
  }

  @Override
  public void leave() {
    end();
  }

  /** Processing time of the event under way, or the clock's. */
  @Override
  public long nowEpochNs() {
    return owner == null && journal != null ? context.options.clock().epochNanos() : nowEpochNs;
  }

  /** Lets no event begin until {@link #release}; false while one is under way. */
  boolean hold() {
    if (owner != null) {
      return false;
    }
    held = true;
    return true;
  }

  void release() {
    held = false;
  }

  boolean isHeld() {
    return held;
  }

  /** Whether a record found no room since this was asked last; the disk makes some by itself. */
  boolean wasFull() {
    boolean was = full && failure() == null;
    full = false;
    return was;
  }

  /** Whether it is too early to ask again for room. */
  boolean isFilling() {
    return failure() == null && journal != null && journal.isFilling();
  }

  /** Why nothing can be written down any more, or null. */
  LaminarException failure() {
    return journal == null ? null : journal.failure();
  }

  // ---- Records: each false where there is no room for it yet

  boolean rows(SourceTask source, int partition, Batch batch) {
    if (journal == null || !isWrittenDown(source)) {
      return true;
    }
    if (source.options.isReread()) {
      return mark(REREAD, source.id, partition, batch.size());
    }
    if (SharedRows.areWorthIt(batch)) {
      SharedRows rows = source.sharedRows().of(batch, partition, eventEpochNs());
      boolean taken = journal.failure() == null && journal.offer(rows);
      if (!taken) {
        source.sharedRows().takeBack(rows);
        refused();
      }
      return taken;
    }
    long at = claim(ROWS, source.id, partition, batch.size(), source.codec().maxLength(batch));
    if (at == Journal.FULL) {
      return false;
    }
    journal.commit(HEADER + source.codec().write(batch, at));
    return true;
  }

  boolean write(SourceTask table, List<Batch> batches) {
    if (journal == null || !isWrittenDown(table)) {
      return true;
    }
    int bytes = 0;
    for (Batch batch : batches) {
      bytes = Math.addExact(bytes, table.codec().maxLength(batch));
    }
    long at = claim(WRITE, table.id, 0, batches.size(), bytes);
    if (at == Journal.FULL) {
      return false;
    }
    int length = HEADER;
    for (Batch batch : batches) {
      length += table.codec().write(batch, at - HEADER + length);
    }
    journal.commit(length);
    return true;
  }

  /** A mark of a partition. */
  boolean mark(SourceTask source, int partition, long value) {
    return !isWrittenDown(source) || mark(MARK, source.id, partition, value);
  }

  /** Where the connector stands that writes to a partition, behind the rows so far. */
  boolean offset(SourceTask source, int partition, byte[] offset) {
    return !isWrittenDown(source) || bytes(OFFSET, source.id, partition, offset);
  }

  private boolean isWrittenDown(SourceTask source) {
    boolean isWritten = modeOf(source) != DurabilityMode.NONE;
    if (!isWritten && journal != null) {
      unwritten = unwritten + 1;
    }
    return isWritten;
  }

  /** Events so far of sources that only checkpoints keep; any thread. */
  long unwritten() {
    return unwritten;
  }

  /** When rows of a source are on disk. */
  DurabilityMode modeOf(SourceTask source) {
    return source.options.durability() == null ? mode : source.options.durability();
  }

  /** One long. */
  boolean mark(int kind, int source, int partition, long value) {
    if (journal == null) {
      return true;
    }
    long at = claim(kind, source, partition, 1, 8);
    if (at == Journal.FULL) {
      return false;
    }
    Memory.putLong(at, value);
    journal.commit();
    return true;
  }

  /** Partitions that fell silent, and the highest watermark among them. */
  boolean silence(int source, List<Integer> partitions, long highestNs) {
    if (journal == null) {
      return true;
    }
    long at = claim(SILENCE, source, 0, partitions.size(), 8 + 8 * partitions.size());
    if (at == Journal.FULL) {
      return false;
    }
    Memory.putLong(at, highestNs);
    for (int i = 0; i < partitions.size(); i++) {
      Memory.putLong(at + 8 + 8L * i, partitions.get(i));
    }
    journal.commit();
    return true;
  }

  /** Bytes that mean something to somebody else. */
  boolean bytes(int kind, int source, int partition, byte[] bytes) {
    if (journal == null) {
      return true;
    }
    long at = claim(kind, source, partition, bytes.length, bytes.length + 7 & ~7);
    if (at == Journal.FULL) {
      return false;
    }
    Memory.copyFromHeap(bytes, 0, at, bytes.length);
    journal.commit();
    return true;
  }

  /** The rows a subscription begins with. */
  boolean first(KeptSubscription subscription, int number, Batch batch) {
    byte[] name = subscription.name.getBytes(StandardCharsets.UTF_8);
    int bytes = subscription.codec().maxLength(batch);
    int nameBytes = name.length + 7 & ~7;
    long at = claim(FIRST, name.length, number, batch.size(), Math.addExact(nameBytes, bytes));
    if (at == Journal.FULL) {
      return false;
    }
    Memory.copyFromHeap(name, 0, at, name.length);
    journal.commit(HEADER + nameBytes + subscription.codec().write(batch, at + nameBytes));
    return true;
  }

  /** What an operator was answered: the name of its query, its place there, and the answer. */
  boolean answer(OperatorNode node, byte[] answer) {
    return named(ANSWER, node.query.name, node.query.nodes.indexOf(node), answer);
  }

  /** A part of what a query knows that was rebuilt. */
  boolean rebuilt(int number, String part, byte[] state) {
    return named(REBUILT, part, number, state);
  }

  private boolean named(int kind, String of, int number, byte[] bytes) {
    byte[] name = of.getBytes(StandardCharsets.UTF_8);
    int nameBytes = name.length + 7 & ~7;
    int length = Math.addExact(nameBytes, Math.addExact(bytes.length, 7) & ~7);
    long at = claim(kind, name.length, number, bytes.length, length);
    if (at == Journal.FULL) {
      return false;
    }
    Memory.copyFromHeap(name, 0, at, name.length);
    Memory.copyFromHeap(bytes, 0, at + nameBytes, bytes.length);
    journal.commit();
    return true;
  }

  /** A receiver is done with the rows of a subscription up to a number. */
  boolean acknowledged(KeptSubscription subscription, long number) {
    byte[] name = subscription.name.getBytes(StandardCharsets.UTF_8);
    long at = claim(ACK, 0, 0, name.length, 8 + (name.length + 7 & ~7));
    if (at == Journal.FULL) {
      return false;
    }
    Memory.putLong(at, number);
    Memory.copyFromHeap(name, 0, at + 8, name.length);
    journal.commit();
    return true;
  }

  private long claim(int kind, int source, int partition, int count, int bytes) {
    long at = journal.failure() != null ? Journal.FULL : journal.claim(HEADER + bytes);
    if (at == Journal.FULL) {
      refused();
      return Journal.FULL;
    }
    header(at, kind, source, eventEpochNs(), partition, count);
    return at + HEADER;
  }

  private void refused() {
    full = true;
    context.refused("the journal");
  }

  private long eventEpochNs() {
    return owner == null ? context.options.clock().epochNanos() : nowEpochNs;
  }

  /** Writes what a record begins with. */
  static void header(long at, int kind, int source, long epochNs, int partition, int count) {
    Memory.putInt(at, kind);
    Memory.putInt(at + 4, source);
    Memory.putLong(at + 8, epochNs);
    Memory.putInt(at + 16, partition);
    Memory.putInt(at + 20, count);
  }
}
