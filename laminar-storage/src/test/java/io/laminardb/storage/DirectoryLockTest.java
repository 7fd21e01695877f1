package io.laminardb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
  @TempDir Path directory;

  @Test
  void theSameProcessIsKeptOutUntilTheLockIsClosed() {
    long pid = ProcessHandle.current().pid();
    DirectoryLock lock = DirectoryLock.take(directory);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () -> DirectoryLock.take(directory.resolve("../" + directory.getFileName())))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_DIR_LOCKED))
          .hasMessageContaining(
              "is in use by another database of this process, process " + pid + " on ")
          .hasMessageEndingWith("Close that database, or open another directory.");
    }
    lock.close();
    DirectoryLock.take(directory).close();
  }

  @Test
  void anotherProcessIsNamedAndItsEndLetsTheDirectoryGo() throws Exception {
    Process holder = start();
    assertThat(holder.getInputStream().read()).isEqualTo('y');
    // Failing to get it again and again must not let it go.
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> DirectoryLock.take(directory))
          .hasMessageMatching(
              "STATE_DIR_LOCKED: \".*\" is in use by process "
                  + holder.pid()
                  + " on \\S+ since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\. Close that .*");
    }
    holder.destroyForcibly().waitFor();
    DirectoryLock.take(directory).close();
  }

  @Test
  void keepsOtherProcessesOutEvenAfterTheSameProcessTriedAgain() throws Exception {
    DirectoryLock lock = DirectoryLock.take(directory);
    assertThatThrownBy(() -> DirectoryLock.take(directory)).isInstanceOf(LaminarException.class);
    Process other = start();
    assertThat(other.getInputStream().read()).isEqualTo('n');
    assertThat(other.waitFor()).isZero();
    lock.close();
  }

  @Test
  void whatIsLeftInTheFileDoesNotMatter() throws Exception {
    Files.writeString(directory.resolve(DirectoryLock.FILE), "process 1 on mars ".repeat(100));
    DirectoryLock lock = DirectoryLock.take(directory);
    lock.close();
    assertThat(Files.readString(directory.resolve(DirectoryLock.FILE)))
        .startsWith("process " + ProcessHandle.current().pid() + " on ")
        .doesNotContain("mars");
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Takes the lock of a directory, says whether it got it, and keeps it until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try {
        DirectoryLock lock = DirectoryLock.take(Path.of(arguments[0]));
        answer('y');
        System.in.read();
        lock.close();
      } catch (LaminarException e) {
        answer('n');
      }
    }

    private static void answer(char answer) {
      System.out.print(answer);
      System.out.flush();
    }
  }
}
