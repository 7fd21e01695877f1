package io.laminardb.storage;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.file.Uninterrupted;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * That a directory belongs to this database alone. The operating system's lock on the file {@code LOCK}
 * keeps other processes out, and goes with its process however that ends; what the file says is only for
 * people. The same process is kept out by a system property: on POSIX systems it would be let through, and
 * lose its lock by closing the file.
 */
final class DirectoryLock implements AutoCloseable {
  static final String FILE = "LOCK";

  /** Locked far behind the text, so that others may read it where locks are mandatory. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final String PROPERTY = "io.laminardb.lock:";

  private final String property;
  private final FileChannel channel; // null where there is no file

  private DirectoryLock(String property, FileChannel channel) {
    this.property = property;
    this.channel = channel;
  }

  /**
   * Takes the lock of a directory that is there.
   *
   * @throws LaminarException STATE_DIR_LOCKED where another has it; it names the holder
   */
  static DirectoryLock take(Path directory) {
    return take(directory, false);
  }

  /**
   * Keeps those out who write, and changes nothing: other processes may read as well. Where the file is
   * not there, as in a backup, it keeps out this process only.
   *
   * @throws LaminarException STATE_DIR_LOCKED where another has it; it names the holder
   */
  static DirectoryLock keepOut(Path directory) {
    return take(directory, true);
  }

  private static DirectoryLock take(Path directory, boolean readOnly) {
    try {
      String property = PROPERTY + directory.toRealPath();
      String holder = holder();
      String other = (String) System.getProperties().putIfAbsent(property, holder);
      if (other != null) {
        throw locked(directory, "another database of this process, " + other);
      }
      boolean taken = false;
      try {
        FileChannel channel =
            Uninterrupted.call(() -> readOnly ? share(directory) : lock(directory, holder));
        taken = true;
        return new DirectoryLock(property, channel);
      } finally {
        if (!taken) {
          System.getProperties().remove(property);
        }
      }
    } catch (IOException e) {
      throw new LaminarException(
          ErrorCode.IO_ERROR, "cannot lock \"" + directory + "\": " + e.getMessage() + ".", e);
    }
  }

  private static FileChannel lock(Path directory, String holder) throws IOException {
    Path file = directory.resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
        throw locked(directory, read(channel));
      }
      ByteBuffer text = ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8));
      channel.truncate(0);
      while (text.hasRemaining()) {
        channel.write(text);
      }
      FileChannel taken = channel;
      channel = null;
      return taken;
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  /** Null where nobody has ever had the directory open. */
  private static FileChannel share(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      if (channel.tryLock(LOCKED_BYTE, 1, true) == null) {
        throw locked(directory, read(channel));
      }
      FileChannel shared = channel;
      channel = null;
      return shared;
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(1024);
    channel.read(text, 0);
    String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).trim();
    return holder.isEmpty() ? "a process that has only just taken it" : holder;
  }

  private static LaminarException locked(Path directory, String holder) {
    return new LaminarException(
            ErrorCode.STATE_DIR_LOCKED, "\"" + directory + "\" is in use by " + holder + ".")
        .mend("Close that database, or open another directory.");
  }

  /** This process, as an error of others is to name it. */
  private static String holder() {
    return "process "
        + ProcessHandle.current().pid()
        + " on "
        + host()
        + " since "
        + Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  /** This machine's name, without asking the network where that can be avoided. */
  private static String host() {
    Path kernel = Path.of("/proc/sys/kernel/hostname");
    try {
      if (Files.isReadable(kernel)) {
        return Files.readString(kernel).trim();
      }
      String windows = System.getenv("COMPUTERNAME");
      return windows != null ? windows : InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "an unnamed host";
    }
  }

  /** Lets the directory go. The file stays: to remove it would let two have a lock each. */
  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new LaminarException(ErrorCode.IO_ERROR, "cannot unlock: " + e.getMessage() + ".", e);
    } finally {
      System.getProperties().remove(property);
    }
  }
}
