package io.laminardb.storage.file;

import io.laminardb.core.file.UninterruptedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The files of this machine, also for threads that are interrupted. */
final class DiskFileSystem implements FileSystem {
  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public StorageFile read(Path file) throws IOException {
    return new DiskFile(file, UninterruptedFile.open(file, StandardOpenOption.READ));
  }

  @Override
  public StorageFile write(Path file) throws IOException {
    return new DiskFile(
        file,
        UninterruptedFile.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    Files.createLink(name, existing);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    if (WINDOWS) {
      return; // it cannot open directories, and its NTFS journals names by itself
    }
    UninterruptedFile.forceDirectory(directory);
  }

  private record DiskFile(Path path, UninterruptedFile channel) implements StorageFile {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(ByteBuffer to, long offset) throws IOException {
      int start = to.position();
      while (to.hasRemaining()) {
        if (channel.read(to, offset + to.position() - start) < 0) {
          break;
        }
      }
      return to.position() - start;
    }

    @Override
    public void write(ByteBuffer from, long offset) throws IOException {
      channel.write(from, offset);
    }

    @Override
    public void truncate(long size) throws IOException {
      if (size <= channel.size()) {
        channel.truncate(size);
      } else {
        channel.write(ByteBuffer.allocate(1), size - 1); // what is skipped reads as zeros
      }
    }

    @Override
    public void force() throws IOException {
      channel.force(false); // the size counts as data
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
