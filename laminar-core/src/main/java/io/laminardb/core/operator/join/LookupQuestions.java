package io.laminardb.core.operator.join;

import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

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
  private final Consumer<Runnable> background;
  private final List<Line> lines = new ArrayList<>();
  private final ArrayDeque<Key> waiting = new ArrayDeque<>();
  private final List<Question> asked = new ArrayList<>();
  private long lastId;

  /** A key and who wants to know. */
  private record Key(long entry, Object[] values) {}

  LookupQuestions(LookupSpec spec, Consumer<Runnable> background) {
    this.spec = spec;
    this.options = spec.connector().options();
    this.background = background;
    for (int i = 0; i < options.connections(); i++) {
      lines.add(new Line(spec));
    }
  }

  /** Lets a key wait until it is asked for. */
  void add(long entry, Object[] values) {
    waiting.add(new Key(entry, values));
  }

  /** Asks for what waits, as far as lines are free. */
  void send(LookupCache cache) {
    for (int i = 0; i < lines.size() && !waiting.isEmpty(); i++) {
      if (lines.get(i).seize()) {
        List<Key> keys = new ArrayList<>();
        while (keys.size() < options.keysPerQuestion() && !waiting.isEmpty()) {
          keys.add(waiting.poll());
        }
        Question question = new Question(++lastId, keys, lines.get(i));
        keys.forEach(key -> cache.asked(key.entry, question.id));
        asked.add(question);
        background.accept(question);
      }
    }
  }

  /** A question that has been answered, or null. */
  Question poll() {
    for (int i = 0; i < asked.size(); i++) {
      if (asked.get(i).done) {
        return asked.remove(i);
      }
    }
    return null;
  }

  /** Keys that are asked for, or wait to be. */
  int keys() {
    return waiting.size() + asked.stream().mapToInt(question -> question.keys.size()).sum();
  }

  @Override
  public void close() {
    for (Line line : lines) {
      if (line.close()) {
        background.accept(line.reader::close);
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

  /** Some keys, and what is known of them when it is over. */
  final class Question implements Runnable {
    final long id;
    private final List<Key> keys;
    private final Line line;
    private final List<Object[]> rows = new ArrayList<>();
    private final Map<Integer, LaminarException> failures = new HashMap<>(); // by key
    private volatile boolean done; // written last

    Question(long id, List<Key> keys, Line line) {
      this.id = id;
      this.keys = keys;
      this.line = line;
    }

    int size() {
      return keys.size();
    }

    /** Who wanted to know. */
    long entry(int key) {
      return keys.get(key).entry;
    }

    /** Why a key has no answer, or null. */
    LaminarException failure(int key) {
      return failures.get(key);
    }

    /** The rows of all keys. */
    List<Object[]> rows() {
      return rows;
    }

    @Override
    public void run() {
      try {
        rows.addAll(read(keys));
      } catch (LaminarException e) {
        if (e.code() == ErrorCode.CONNECTOR_FAILED || keys.size() == 1) {
          for (int i = 0; i < keys.size(); i++) {
            failures.put(i, failure(keys.get(i), e));
          }
        } else {
          readOneByOne();
        }
      } finally {
        line.release();
        done = true;
      }
    }

    /** What is wrong with the rows of one key is no fault of the others. */
    private void readOneByOne() {
      for (int i = 0; i < keys.size(); i++) {
        try {
          rows.addAll(read(List.of(keys.get(i))));
        } catch (LaminarException e) {
          failures.put(i, failure(keys.get(i), e));
        }
      }
    }

    private List<Object[]> read(List<Key> wanted) {
      List<Object[]> values = wanted.stream().map(Key::values).toList();
      for (int attempt = 0; ; attempt++) {
        List<Object[]> answer = new ArrayList<>();
        try {
          line.reader.read(
              values,
              row -> {
                LookupValues.check(row, spec.join().right(), spec.table());
                answer.add(row);
              });
          return answer;
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
