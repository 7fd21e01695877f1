package io.laminardb.core.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;

/**
 * A file that stays open when a thread that uses it is interrupted: it is opened again where Java has
 * closed it, and the call goes on; the thread is interrupted all the same when the call returns. Where
 * the path leads to another file by then, the call fails as Java's would.
 *
 * <p>Reading and writing at an offset, {@link #force} and {@link #close} are for any thread; what moves
 * the file's own position is for one thread at a time. No locks and no maps: they would end with the
 * channel.
 */
public final class UninterruptedFile implements SeekableByteChannel {
  @FunctionalInterface
  private interface Operation {
    long on(FileChannel channel) throws IOException;
  }

  private static final int TRANSFERRED_BYTES = 1 << 16;

  private final Path path;
  private final OpenOption[] options; // that find the file as it is
  private final Object identity;
  private volatile FileChannel channel;
  private volatile boolean closed;
  private long position;
  private FileChannel positioned; // the channel that stands there

  private UninterruptedFile(Path path, OpenOption[] options, FileChannel channel)
      throws IOException {
    this.path = path;
    this.options =
        Arrays.stream(options)
            .filter(
                option -> option == StandardOpenOption.READ || option == StandardOpenOption.WRITE)
            .toArray(OpenOption[]::new);
    this.channel = channel;
    this.positioned = channel;
    this.identity = identity(path);
  }

  /**
   * Opens a file.
   *
   * @param options of {@link FileChannel#open(Path, OpenOption...)}, but APPEND and DELETE_ON_CLOSE;
   *     none for reading
   */
  public static UninterruptedFile open(Path path, OpenOption... options) throws IOException {
    FileChannel channel = FileChannel.open(path, options);
    try {
      return new UninterruptedFile(path, options, channel);
    } catch (IOException | RuntimeException failed) {
      channel.close();
      throw failed;
    }
  }

  /** Makes durable which names there are in a directory. */
  public static void forceDirectory(Path directory) throws IOException {
    Uninterrupted.call(
        () -> {
          try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
          }
          return null;
        });
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return moving(to, file -> file.read(to));
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return moving(from, file -> file.write(from));
  }

  /** Reads at an offset, as {@link FileChannel#read(ByteBuffer, long)} does. */
  public int read(ByteBuffer to, long offset) throws IOException {
    int start = to.position();
    return (int)
        retry(file -> to.position() > start ? to.position() - start : file.read(to, offset));
  }

  /** Writes all of it at an offset. */
  public void write(ByteBuffer from, long offset) throws IOException {
    int start = from.position();
    while (from.hasRemaining()) {
      retry(file -> file.write(from, offset + from.position() - start));
    }
  }

  /**
   * Copies bytes to another file, at its position. Not by {@link FileChannel#transferTo}, which from JDK 22
   * on closes the other one, too, when the thread is interrupted.
   *
   * @param count at most
   * @return how many; 0 at the end of this file
   */
  public long transferTo(long offset, long count, WritableByteChannel target) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, TRANSFERRED_BYTES));
    int read = read(bytes, offset);
    bytes.flip();
    while (bytes.hasRemaining()) {
      target.write(bytes);
    }
    return Math.max(read, 0);
  }

  @Override
  public long position() throws IOException {
    return retry(file -> inPlace(file).position());
  }

  @Override
  public UninterruptedFile position(long newPosition) throws IOException {
    position = newPosition;
    positioned = null;
    retry(file -> inPlace(file).position());
    return this;
  }

  @Override
  public long size() throws IOException {
    return retry(FileChannel::size);
  }

  @Override
  public UninterruptedFile truncate(long size) throws IOException {
    retry(file -> inPlace(file).truncate(size).position());
    position = Math.min(position, size);
    return this;
  }

  /** Brings what was written to the disk, as {@link FileChannel#force} does. */
  public void force(boolean metaData) throws IOException {
    retry(
        file -> {
          file.force(metaData);
          return 0;
        });
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  /** What was moved before an interrupt counts, and is not moved again. */
  private int moving(ByteBuffer bytes, Operation operation) throws IOException {
    int start = bytes.position();
    int count =
        (int)
            retry(
                file -> {
                  int moved = bytes.position() - start;
                  return moved > 0 ? moved : operation.on(inPlace(file));
                });
    position += Math.max(count, 0);
    return count;
  }

  /** A channel that stands where this file does: one that was opened again stands at the beginning. */
  private FileChannel inPlace(FileChannel file) throws IOException {
    if (file != positioned) {
      file.position(position);
      positioned = file;
    }
    return file;
  }

  private long retry(Operation operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return operation.on(current);
        } catch (ClosedChannelException ended) {
          if (closed || current.isOpen()) {
            throw ended;
          }
          reopen(current, ended);
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Another thread may have done so. */
  private synchronized void reopen(FileChannel ended, ClosedChannelException cause)
      throws IOException {
    if (channel != ended) {
      return;
    }
    if (closed || !Files.isRegularFile(path) || !Objects.equals(identity, identity(path))) {
      throw cause;
    }
    channel = FileChannel.open(path, options);
  }

  private static Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
