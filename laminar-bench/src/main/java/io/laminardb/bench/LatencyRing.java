package io.laminardb.bench;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The {@linkplain LatencyLoop loop} on a thread of its own, which spins: what going from one core to
 * another costs without a database. Events are messages of 32 bytes in a ring of Agrona's.
 */
final class LatencyRing extends LatencyLoop {
  private static final int CAPACITY = 1 << 20;
  private static final int EVENT = 1;
  private static final int REST = 2;
  private static final int SYMBOL = 0;
  private static final int PRICE = 8;
  private static final int VOLUME = 16;
  private static final int TIME = 24;
  private static final int BYTES = 32;

  private final OneToOneRingBuffer ring =
      new OneToOneRingBuffer(
          new UnsafeBuffer(
              ByteBuffer.allocateDirect(CAPACITY + RingBufferDescriptor.TRAILER_LENGTH)));
  private final Long2ObjectHashMap<String> symbols = new Long2ObjectHashMap<>();
  private final Thread reader = new Thread(this::read, "latency-ring");
  private final MessageHandler handler = this::take;
  private volatile boolean closed;

  LatencyRing(Kind kind, LatencyBench.Events events) {
    super(kind, events);
    for (String symbol : LatencyBench.Events.SYMBOLS) {
      symbols.put(wordOf(symbol), symbol);
    }
    reader.setDaemon(true);
    reader.start();
    rest();
  }

  /** A symbol of at most 8 letters of one byte. */
  private static long wordOf(String symbol) {
    long word = 0;
    for (int i = 0; i < symbol.length(); i++) {
      word = word << 8 | symbol.charAt(i);
    }
    return word;
  }

  @Override
  void push(String symbol, double price, long volume, long ts) {
    int at;
    while ((at = ring.tryClaim(EVENT, BYTES)) < 0) {
      Thread.onSpinWait();
    }
    ring.buffer().putLong(at + SYMBOL, wordOf(symbol));
    ring.buffer().putDouble(at + PRICE, price);
    ring.buffer().putLong(at + VOLUME, volume);
    ring.buffer().putLong(at + TIME, ts);
    ring.commit(at);
  }

  private void read() {
    while (!closed) {
      if (ring.read(handler) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  private void take(int type, MutableDirectBuffer message, int at, int length) {
    if (type == REST) {
      awaitTurn();
      return;
    }
    super.push(
        symbols.get(message.getLong(at + SYMBOL)),
        message.getDouble(at + PRICE),
        message.getLong(at + VOLUME),
        message.getLong(at + TIME));
  }

  @Override
  void sync() {
    while (ring.consumerPosition() < ring.producerPosition()) {
      Thread.onSpinWait();
    }
  }

  @Override
  void rest() {
    ring.commit(ring.tryClaim(REST, 0)); // in an empty ring
  }

  @Override
  public void close() {
    closed = true;
    super.close();
  }
}
