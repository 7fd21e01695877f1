package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Field;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.connector.TableValues;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks a table outside for keys, on a few lines at a time. Keys that come while all lines are busy are
 * asked for together, as soon as one of them is free: the slower the table, the more keys a question
 * has. The operator's thread; a {@link Question} runs in the background.
 */
final class LookupQuestions implements AutoCloseable {
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;

  private final LookupSpec spec;
  private final LookupOptions options;
  private final Consumer<Supplier<byte[]>> background;
  private final List<Line> lines = new ArrayList<>();
  private final ArrayDeque<Key> waiting = new ArrayDeque<>();
  private int asked; // keys

  /**
   * A key.
   *
   * @param bytes of {@link RowProbe#keyBytes}
   */
  private record Key(byte[] bytes, Object[] values) {}

  LookupQuestions(LookupSpec spec, Consumer<Supplier<byte[]>> background) {
    this.spec = spec;
    this.options = spec.connector().options();
    this.background = background;
    for (int i = 0; i < options.connections(); i++) {
      lines.add(new Line(spec));
    }
  }

  /**
   * Lets a key wait until it is asked for.
   *
   * @param bytes of {@link RowProbe#keyBytes}
   */
  void add(byte[] bytes, Object[] values) {
    waiting.add(new Key(bytes, values));
  }

  /** Asks for what waits, as far as lines are free. */
  void send() {
    for (int i = 0; i < lines.size() && !waiting.isEmpty(); i++) {
      if (lines.get(i).seize()) {
        List<Key> keys = new ArrayList<>();
        while (keys.size() < options.keysPerQuestion() && !waiting.isEmpty()) {
          keys.add(waiting.poll());
        }
        asked += keys.size();
        background.accept(new Question(keys, lines.get(i)));
      }
    }
  }

  /** So many keys have been answered. */
  void answered(int keys) {
    asked = Math.max(0, asked - keys);
  }

  /** Keys that are asked for, or wait to be. */
  int keys() {
    return waiting.size() + asked;
  }

  @Override
  public void close() {
    for (Line line : lines) {
      if (line.close()) {
        background.accept(
            () -> {
              line.reader.close();
              return null;
            });
      }
    }
  }

  /** A connection, which one question has at a time. */
  private static final class Line {
    final LookupReader reader;
    private boolean busy; // guarded by this
    private boolean used; // guarded by this
    private boolean closed; // guarded by this

    Line(LookupSpec spec) {
      this.reader =
          spec.connector().open(spec.join().right(), spec.join().rightKeys(), spec.conditions());
    }

    synchronized boolean seize() {
      boolean free = !busy;
      busy = true;
      used = true;
      return free;
    }

    synchronized boolean isClosed() {
      return closed;
    }

    /** Whether the reader is the caller's to close now. */
    synchronized boolean close() {
      closed = true;
      return used && !busy;
    }

    /** A question is over; the reader of a line that was closed meanwhile is, too. */
    synchronized void release() {
      busy = false;
      if (closed) {
        reader.close();
      }
    }
  }

  /**
   * Some keys. Its answer as bytes: how many keys there are; of each its bytes, and why it has no answer
   * with how to mend that, or null; then the rows of all.
   */
  private final class Question implements Supplier<byte[]> {
    private final List<Key> keys;
    private final Line line;
    private final List<byte[]> rows = new ArrayList<>();
    private final Map<Key, LaminarException> failures = new HashMap<>();

    Question(List<Key> keys, Line line) {
      this.keys = keys;
      this.line = line;
    }

    @Override
    public byte[] get() {
      try {
        ask();
      } finally {
        line.release();
      }
      StateWriter writer = new StateWriter();
      writer.section(StateWriter.NO_KEY_GROUP);
      writer.putInt(keys.size());
      for (Key key : keys) {
        LaminarException failure = failures.get(key);
        writer.putBlock(key.bytes);
        writer.putText(failure == null ? null : failure.problem());
        writer.putText(failure == null ? null : failure.mend());
      }
      rows.forEach(writer::putBytes);
      return writer.toBytes();
    }

    private void ask() {
      try {
        rows.add(read(keys));
      } catch (LaminarException e) {
        if (e.code() == ErrorCode.CONNECTOR_FAILED || keys.size() == 1) {
          keys.forEach(key -> failures.put(key, failure(key, e)));
        } else {
          askOneByOne();
        }
      }
    }

    /** What is wrong with the rows of one key is no fault of the others. */
    private void askOneByOne() {
      for (Key key : keys) {
        try {
          rows.add(read(List.of(key)));
        } catch (LaminarException e) {
          failures.put(key, failure(key, e));
        }
      }
    }

    /** The rows of some keys, one behind the other. */
    private byte[] read(List<Key> wanted) {
      List<Object[]> values = wanted.stream().map(Key::values).toList();
      for (int attempt = 0; ; attempt++) {
        StateWriter answer = new StateWriter();
        try {
          line.reader.read(
              values,
              row -> {
                check(row);
                TableValues.write(row, spec.join().right(), answer);
              });
          return answer.toBytes();
        } catch (LaminarException e) {
          throw e;
        } catch (Exception e) {
          line.reader.close();
          if (attempt == options.retries()
              || line.isClosed()
              || Thread.currentThread().isInterrupted()) {
            throw new LaminarException(ErrorCode.CONNECTOR_FAILED, reason(e), e);
          }
          LockSupport.parkNanos(
              1_000_000 * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(10, attempt)));
        }
      }
    }

    /** Errors: SCHEMA_MISMATCH where a row is none of the table's. */
    private void check(Object[] values) {
      for (int i = 0; i < values.length; i++) {
        Field field = spec.join().right().field(i);
        if (values[i] == null && !field.nullable()) {
          throw new LaminarException(
                  ErrorCode.SCHEMA_MISMATCH,
                  "column \""
                      + field.name()
                      + "\" of lookup table \""
                      + spec.table()
                      + "\" is NOT NULL, but NULL is there.")
              .mend("Declare it without NOT NULL.");
        }
      }
    }

    private static String reason(Exception failure) {
      String message = failure.getMessage();
      return message == null ? failure.toString() : message.strip().lines().findFirst().orElse("");
    }

    private LaminarException failure(Key key, LaminarException failure) {
      String reason = failure.problem();
      LaminarException told =
          new LaminarException(
              ErrorCode.CONNECTOR_FAILED,
              "lookup table \""
                  + spec.table()
                  + "\" gives no answer for "
                  + text(key)
                  + ": "
                  + reason
                  + (reason.endsWith(".") ? "" : "."),
              failure);
      return told.mend(
          failure.mend() != null
              ? failure.mend()
              : "See that it can be asked, or create the query WITH (on_error = 'skip').");
    }

    private String text(Key key) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < key.values.length; i++) {
        Object value = key.values[i];
        text.append(i == 0 ? "" : ", ")
            .append(spec.join().right().field(spec.join().rightKeys().get(i)).name())
            .append(" = ")
            .append(value instanceof String ? "'" + value + "'" : value);
      }
      return text.toString();
    }
  }
}
