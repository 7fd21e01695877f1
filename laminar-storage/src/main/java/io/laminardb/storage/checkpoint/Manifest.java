package io.laminardb.storage.checkpoint;

import io.laminardb.core.durable.CheckpointInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What makes the files of a directory a checkpoint: written last. It is text, a fact a line, and the last
 * line is the CRC32C of all before it:
 *
 * <pre>
 * laminardb-checkpoint 1
 * id 7
 * position 4711
 * taken-at 2026-05-04T10:15:30Z
 * ..
 * parts 512
 * digest 00112233445566778899aabbccddeeff
 * file 000012.sst 4096 1a2b3c4d
 * crc32c 5e6f7a8b
 * </pre>
 *
 * @param info what is known of the checkpoint
 * @param digest the sum of the digests of all parts
 * @param files every file but the manifest
 */
record Manifest(CheckpointInfo info, Digest digest, List<SavedFile> files) {
  static final String FILE = "MANIFEST";

  /** The format this version writes; it reads no other. */
  static final int VERSION = 1;

  private static final String MAGIC = "laminardb-checkpoint ";

  /**
   * A file of a checkpoint.
   *
   * @param name without a folder
   * @param size in bytes
   * @param crc CRC32C of its content
   */
  record SavedFile(String name, long size, int crc) {}

  Manifest {
    files = List.copyOf(files);
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder(256 + files.size() * 40);
    text.append(MAGIC).append(VERSION).append('\n');
    line(text, "id", info.id());
    line(text, "position", info.position());
    line(text, "taken-at", info.takenAt());
    line(text, "written-parts", info.writtenParts());
    line(text, "written-bytes", info.writtenBytes());
    line(text, "pause-ns", info.pauseNs());
    line(text, "duration-ns", info.durationNs());
    line(text, "parts", info.parts());
    line(text, "digest", digest);
    for (SavedFile file : files) {
      line(text, "file", file.name() + ' ' + file.size() + ' ' + String.format("%08x", file.crc()));
    }
    return CheckedText.encode(text.toString());
  }

  private static void line(StringBuilder text, String key, Object value) {
    text.append(key).append(' ').append(value).append('\n');
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws CheckedText.Damage where it is not that, byte by byte
   * @throws UnknownVersion where it is whole, but of a version that this one does not know
   */
  static Manifest decode(byte[] bytes) throws CheckedText.Damage, UnknownVersion {
    Lines lines = new Lines(CheckedText.decode(bytes).split("\n"));
    String version = lines.rest(MAGIC);
    if (!version.equals(Integer.toString(VERSION))) {
      throw new UnknownVersion(version);
    }
    try {
      return decode(lines);
    } catch (RuntimeException e) {
      throw new CheckedText.Damage("it cannot be read: " + e.getMessage());
    }
  }

  private static Manifest decode(Lines lines) throws CheckedText.Damage {
    long id = lines.number("id ");
    long position = lines.number("position ");
    Instant takenAt = Instant.parse(lines.rest("taken-at "));
    long writtenParts = lines.number("written-parts ");
    long writtenBytes = lines.number("written-bytes ");
    long pauseNs = lines.number("pause-ns ");
    long durationNs = lines.number("duration-ns ");
    long parts = lines.number("parts ");
    Digest digest = Digest.parse(lines.rest("digest "));
    List<SavedFile> files = new ArrayList<>();
    while (lines.hasNext()) {
      String[] file = lines.rest("file ").split(" ");
      files.add(
          new SavedFile(file[0], Long.parseLong(file[1]), Integer.parseUnsignedInt(file[2], 16)));
    }
    return new Manifest(
        new CheckpointInfo(
            id, position, takenAt, parts, writtenParts, writtenBytes, pauseNs, durationNs),
        digest,
        files);
  }

  /** The lines that are still to be read. */
  private static final class Lines {
    private final String[] lines;
    private int at;

    Lines(String[] lines) {
      this.lines = lines;
    }

    boolean hasNext() {
      return at < lines.length;
    }

    String rest(String start) throws CheckedText.Damage {
      if (!hasNext() || !lines[at].startsWith(start)) {
        throw new CheckedText.Damage(
            "line " + (at + 1) + " should begin with \"" + start.trim() + "\"");
      }
      return lines[at++].substring(start.length());
    }

    long number(String start) throws CheckedText.Damage {
      return Long.parseLong(rest(start));
    }
  }

  /** The manifest is whole and of another version, which the message is. */
  static final class UnknownVersion extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownVersion(String version) {
      super(version);
    }
  }
}
