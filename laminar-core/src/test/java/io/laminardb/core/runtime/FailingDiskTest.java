package io.laminardb.core.runtime;

import static io.laminardb.core.runtime.TestOperators.ROWS;
import static io.laminardb.core.runtime.TestOperators.SUM;
import static io.laminardb.core.runtime.TestOperators.graph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the journal cannot be written any more, everybody is told so, and nothing is taken in. */
class FailingDiskTest {
  /** Keeps the last record, until it fails. */
  private static final class Records implements Journal {
    private final ArrowBuf buffer;
    private long position;
    private volatile LaminarException failure;

    Records(BufferAllocator allocator) {
      buffer = allocator.buffer(4096);
    }

    @Override
    public long claim(int length) {
      return buffer.memoryAddress();
    }

    @Override
    public void commit() {
      position++;
    }

    @Override
    public void commit(int length) {
      commit();
    }

    @Override
    public boolean offer(Deferred record) {
      record.write(claim(record.maxLength()));
      record.close();
      commit();
      return true;
    }

    @Override
    public boolean isFilling() {
      return false;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public long durable() {
      return position;
    }

    @Override
    public void request(long wanted) {
      // all is durable
    }

    @Override
    public void await(long wanted) {
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public LaminarException failure() {
      return failure;
    }

    @Override
    public void onDurable(Runnable action) {
      // nobody waits
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pushesAndWaitsSayThatTheDiskFailed(boolean inline) {
    try (BufferAllocator allocator = new RootAllocator()) {
      Records records = new Records(allocator);
      try (Engine engine =
          new Engine(
              EngineOptions.DEFAULT.withInline(inline).withStallTimeout(Duration.ofSeconds(30)),
              allocator)) {
        engine.makeDurable(DurabilityMode.ASYNC).writeTo(records);
        engine.createSource(SourceOptions.of("s", ROWS));
        engine.attach(graph("q", SUM, "s"), QueryOptions.DEFAULT);
        SourceHandle handle = engine.openHandle("s");
        engine.start();
        PlacedRow.push(handle, 1, 0);
        engine.sync();
        assertThat(engine.metrics().source("s").rows()).isEqualTo(1);

        records.failure = new LaminarException(ErrorCode.IO_ERROR, "the disk is full.");
        assertFails(() -> PlacedRow.push(handle, 2, 0));
        assertFails(engine::sync);
        assertFails(() -> engine.openHandle("s"));
        assertThat(engine.metrics().source("s").rows()).isEqualTo(1);
      } finally {
        records.buffer.close();
      }
    }
  }

  private static void assertFails(ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
  }
}
