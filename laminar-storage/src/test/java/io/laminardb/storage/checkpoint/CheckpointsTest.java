package io.laminardb.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.PartChanges;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.rocksdb.RocksParts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path directory;

  @Test
  void writesOnlyWhatChanged() throws Exception {
    try (Checkpoints checkpoints = open()) {
      assertThat(written(checkpoints.write(state(1, "a", "one", "b", "two"), () -> {})))
          .containsExactly(2, 6);
      assertThat(written(checkpoints.write(state(2, "a", "one", "b", "deux"), () -> {})))
          .containsExactly(1, 4);
      assertThat(written(checkpoints.write(state(3, "a", "one"), () -> {}))).containsExactly(0, 0);
    }
    try (Checkpoints checkpoints = open()) {
      assertThat(content(checkpoints.verify(checkpoints.newest()))).isEqualTo(Map.of("a", "one"));
      assertThat(written(checkpoints.write(state(4, "a", "one", "c", "3"), () -> {})))
          .containsExactly(1, 1);
    }
    try (Checkpoints checkpoints = open()) {
      assertThat(content(checkpoints.verify(checkpoints.newest())))
          .isEqualTo(Map.of("a", "one", "c", "3"));
    }
  }

  @Test
  void everyKeptCheckpointIsWhatItWasWhenItWasTaken() throws Exception {
    long seed = 42;
    Random random = new Random(seed);
    Map<Long, Map<String, String>> expected = new TreeMap<>();
    Map<String, String> parts = new HashMap<>();
    for (int life = 0; life < 4; life++) {
      try (Checkpoints checkpoints = open()) {
        if (checkpoints.newest() != null) {
          checkpoints.verify(checkpoints.newest());
        }
        for (int i = 0; i < 6; i++) {
          for (int change = 0; change < 20; change++) {
            String name = "query/" + random.nextInt(40);
            if (random.nextInt(3) == 0) {
              parts.remove(name);
            } else {
              parts.put(name, String.valueOf(random.nextInt()).repeat(random.nextInt(2000)));
            }
          }
          CheckpointInfo info = checkpoints.write(state(i, parts), () -> {});
          expected.put(info.id(), new HashMap<>(parts));
          checkpoints.retain(3);
        }
      }
      try (Checkpoints checkpoints = open()) {
        assertThat(checkpoints.infos()).hasSize(3);
        for (CheckpointDirectory each : checkpoints.found()) {
          assertThat(content(checkpoints.verify(each))).isEqualTo(expected.get(each.id()));
          assertThat(each.checkContents()).isEmpty();
          checkpoints.release();
        }
      }
    }
  }

  @Test
  void piecesAreTheirPartAndAreMergedBeforeTheyOutgrowIt() throws Exception {
    long seed = 43;
    Random random = new Random(seed);
    Map<String, String> expected = new TreeMap<>();
    Map<String, byte[]> parts = Map.of("head", "1".getBytes());
    for (int life = 0; life < 3; life++) {
      try (Checkpoints checkpoints = open()) {
        if (checkpoints.newest() != null) {
          checkpoints.verify(checkpoints.newest());
          checkpoints.release();
        }
        for (int i = 0; i < 40; i++) {
          Set<String> kept = new HashSet<>();
          for (int folder = 0; folder < 3; folder++) {
            if (random.nextInt(6) > 0) {
              kept.add("t" + folder + "/");
            }
          }
          expected.keySet().removeIf(name -> !kept.contains(name.substring(0, 3)));
          Map<String, ByteBuffer> pieces = new HashMap<>();
          for (int change = 0; change < 5; change++) {
            String piece = ".".repeat(random.nextInt(100)) + i;
            pieces.put("t" + random.nextInt(3) + "/" + random.nextInt(3), direct(piece));
          }
          pieces.forEach(
              (name, piece) -> {
                if (kept.contains(name.substring(0, 3))) { // else it has gone meanwhile
                  expected.merge(name, text(piece), String::concat);
                }
              });
          PartChanges changes = new PartChanges(kept, pieces, CheckpointsTest::concatenated);
          checkpoints.write(new CheckpointState(i, parts, changes, System.nanoTime(), 1), () -> {});
        }
      }
      try (Checkpoints checkpoints = open()) {
        Map<String, String> joined = new TreeMap<>();
        Map<String, Integer> sizes = new HashMap<>();
        content(checkpoints.verify(checkpoints.newest()))
            .forEach(
                (name, piece) -> {
                  joined.merge(PartChanges.partOf(name), piece, String::concat);
                  sizes.putIfAbsent(PartChanges.partOf(name), piece.length());
                });
        assertThat(joined.remove("head")).isEqualTo("1");
        assertThat(joined).as("seed %d, life %d", seed, life).isEqualTo(expected);
        joined.forEach(
            (part, whole) -> assertThat(whole.length()).isLessThanOrEqualTo(2 * sizes.get(part)));
      }
    }
  }

  private static ByteBuffer concatenated(List<ByteBuffer> pieces, IntFunction<ByteBuffer> memory) {
    ByteBuffer all = memory.apply(pieces.stream().mapToInt(ByteBuffer::remaining).sum());
    pieces.forEach(piece -> all.put(piece.duplicate()));
    return all.flip();
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes();
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static String text(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(piece.position(), bytes);
    return new String(bytes);
  }

  @Test
  void historyHasACheckpointBeforeAnyOfItsMomentsAndNotMany() throws Exception {
    Duration history = Duration.ofHours(8);
    List<CheckpointInfo> written = new ArrayList<>();
    try (Checkpoints checkpoints = open()) {
      for (int minutes = 12 * 60; minutes >= 0; minutes -= 10) {
        long startedNs = System.nanoTime() - Duration.ofMinutes(minutes).toNanos();
        Map<String, byte[]> parts = Map.of("a", new byte[] {(byte) minutes});
        written.add(
            checkpoints.write(
                new CheckpointState(written.size() + 1, parts, startedNs, 1), () -> {}));
        long position = checkpoints.retain(2, history);
        assertThat(position)
            .isEqualTo(written.size() < 2 ? 0 : checkpoints.infos().get(0).position());
      }
      List<CheckpointInfo> infos = checkpoints.infos();
      List<CheckpointInfo> newest = written.subList(written.size() - 2, written.size());
      assertThat(infos.subList(infos.size() - 2, infos.size())).isEqualTo(newest);
      assertThat(infos).hasSizeLessThan(20);
      Instant horizon = Instant.now().minus(history);
      assertThat(infos.get(0).takenAt()).isBefore(horizon);
      assertThat(infos.get(1).takenAt()).isAfter(horizon);
      for (int i = 1; i < infos.size(); i++) {
        assertThat(Duration.between(infos.get(i - 1).takenAt(), infos.get(i).takenAt()))
            .isLessThanOrEqualTo(Duration.ofMinutes(61));
      }
      checkpoints.retain(2);
      assertThat(checkpoints.infos()).isEqualTo(newest);
    }
  }

  private Checkpoints open() throws Exception {
    return new Checkpoints(FileSystem.DISK, directory, RocksParts.KIND);
  }

  private static long[] written(CheckpointInfo info) {
    return new long[] {info.writtenParts(), info.writtenBytes()};
  }

  private static CheckpointState state(long position, String... namesAndValues) {
    Map<String, String> parts = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parts.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return state(position, parts);
  }

  private static CheckpointState state(long position, Map<String, String> parts) {
    Map<String, byte[]> bytes = new HashMap<>();
    parts.forEach((name, value) -> bytes.put(name, value.getBytes()));
    return new CheckpointState(position, bytes, System.nanoTime(), 1);
  }

  private static Map<String, String> content(CheckpointReader reader) {
    Map<String, String> content = new TreeMap<>();
    reader.parts("", (name, bytes) -> content.put(name, new String(bytes)));
    content.forEach((name, value) -> assertThat(reader.part(name)).asString().isEqualTo(value));
    assertThat(reader.part("no such part")).isNull();
    return content;
  }
}
