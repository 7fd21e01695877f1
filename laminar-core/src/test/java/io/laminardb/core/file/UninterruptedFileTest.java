package io.laminardb.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UninterruptedFileTest {
  private static final int BYTES = 1 << 20;

  @TempDir Path directory;

  @AfterEach
  void nobodyIsInterruptedAnyMore() {
    Thread.interrupted();
  }

  @Test
  void anInterruptedThreadReadsAndWritesAndStaysInterrupted() throws IOException {
    Path path = directory.resolve("file");
    Thread.currentThread().interrupt();
    try (UninterruptedFile file = open(path)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      file.write(ByteBuffer.wrap(new byte[] {4, 5}), 3);
      file.force(true);
      assertThat(file.size()).isEqualTo(5);
      assertThat(file.position()).isEqualTo(3);
      ByteBuffer read = ByteBuffer.allocate(8);
      assertThat(file.read(read)).isEqualTo(2);
      assertThat(file.read(read, 0)).isEqualTo(5);
      assertThat(file.read(read, 5)).isEqualTo(-1);
      assertThat(read.array()).startsWith(4, 5, 1, 2, 3, 4, 5);
      file.truncate(4);
      assertThat(file.position()).isEqualTo(4);
    }
    UninterruptedFile.forceDirectory(directory);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Files.readAllBytes(path)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void interruptsAtAnyMomentLoseNothingAndRepeatNothing() throws Exception {
    byte[] bytes = new byte[BYTES];
    new SplittableRandom(20261123).nextBytes(bytes);
    Path path = directory.resolve("file");
    Path copy = directory.resolve("copy");
    Thread worker = Thread.currentThread();
    AtomicBoolean done = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              while (!done.get()) {
                worker.interrupt();
                Thread.onSpinWait();
              }
            });
    other.start();
    try (UninterruptedFile file = open(path);
        UninterruptedFile target = open(copy)) {
      for (int at = 0; at < BYTES / 2; at += 512) {
        file.write(ByteBuffer.wrap(bytes, at, 512));
      }
      for (int at = BYTES / 2; at < BYTES; at += 4096) {
        file.write(ByteBuffer.wrap(bytes, at, 4096), at);
      }
      file.force(false);
      for (long at = 0; at < BYTES; ) {
        at += file.transferTo(at, 100_000, target);
      }
      file.position(0);
      assertThat(Channels.newInputStream(file).readAllBytes()).isEqualTo(bytes);
      ByteBuffer read = ByteBuffer.allocate(BYTES);
      while (read.hasRemaining()) {
        file.read(read.limit(Math.min(BYTES, read.position() + 5000)), read.position());
        read.limit(BYTES);
      }
      assertThat(read.array()).isEqualTo(bytes);
    } finally {
      done.set(true);
      join(other);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
    assertThat(Files.readAllBytes(copy)).isEqualTo(bytes);
  }

  @Test
  void aChannelThatAnInterruptClosesIsOpenedOnceMore() throws IOException {
    Path path = directory.resolve("lock");
    int[] attempts = new int[1];
    try (FileChannel channel =
        Uninterrupted.call(
            () -> {
              FileChannel opened =
                  FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
              if (attempts[0]++ == 0) {
                Thread.currentThread().interrupt(); // behind the look at what was before
              }
              opened.write(ByteBuffer.allocate(1), 0);
              return opened;
            })) {
      assertThat(channel.isOpen()).isTrue();
    }
    assertThat(attempts[0]).isEqualTo(2);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aClosedFileIsNotOpenedAgain() throws IOException {
    UninterruptedFile file = open(directory.resolve("file"));
    file.close();
    assertThat(file.isOpen()).isFalse();
    assertThatThrownBy(() -> file.force(true))
        .isInstanceOf(ClosedChannelException.class)
        .isNotInstanceOf(ClosedByInterruptException.class);
  }

  /** Interrupted as it is, the thread waits for another one. */
  private static void join(Thread other) {
    while (other.isAlive()) {
      try {
        other.join();
      } catch (InterruptedException again) {
        // that is what the other does
      }
    }
  }

  private static UninterruptedFile open(Path path) throws IOException {
    return UninterruptedFile.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }
}
