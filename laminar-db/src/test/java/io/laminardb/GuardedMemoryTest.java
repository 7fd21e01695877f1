package io.laminardb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardedMemoryTest {
  /** What a child JVM does wrong. */
  static final class Wrong {
    private Wrong() {}

    public static void main(String[] args) {
      long address = GuardedMemory.allocate(10);
      switch (args[0]) {
        case "before" -> MemoryUtil.putByte(address - 1, (byte) 1);
        case "behind" -> MemoryUtil.putByte(address + 10, (byte) 1);
        case "after" -> {
          GuardedMemory.release(address, 10);
          MemoryUtil.putByte(address + 3, (byte) 1);
          for (int i = 0; i < 100; i++) { // until its time is up
            GuardedMemory.release(GuardedMemory.allocate(1 << 20), 1 << 20);
          }
        }
        default -> throw new IllegalArgumentException(args[0]);
      }
      if (!args[0].equals("after")) {
        GuardedMemory.release(address, 10);
      }
    }
  }

  @Test
  void testsRunOnGuardedMemory() {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowBuf buffer = allocator.buffer(64)) {
      assertThat(buffer.getLong(8)).isEqualTo(0xA5A5A5A5A5A5A5A5L);
    }
  }

  @ParameterizedTest
  @CsvSource({"before, before its start", "behind, just behind", "after, after it was given back"})
  void wrongUseEndsTheJvm(String wrong, String said) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Wrong.class.getName(),
                    wrong))
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isEqualTo(134);
    assertThat(output).contains(said);
  }
}
