package io.laminardb.storage.checkpoint;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.FileSystem;
import io.laminardb.storage.file.StorageFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Parts in plain files, one for what changed in each checkpoint: takes RocksDB's place where the file
 * system is simulated, which RocksDB cannot use.
 */
public final class FileParts implements PartStore {
  private static final String SUFFIX = ".parts";
  private static final int REMOVED = -1;

  private final FileSystem files;
  private final TreeMap<String, byte[]> changes = new TreeMap<>();
  private Path last;
  private int number;

  private FileParts(FileSystem files, Path saved) {
    this.files = files;
    this.last = saved;
  }

  @Override
  public void put(String name, ByteBuffer value) {
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    changes.put(name, copy);
  }

  @Override
  public void remove(String name) {
    changes.put(name, null);
  }

  @Override
  public int get(String name, ByteBuffer target) {
    byte[] value =
        changes.containsKey(name) || last == null
            ? changes.get(name)
            : new InFiles(files).read(last).get(name);
    if (value == null) {
      return -1;
    }
    target.put(target.position(), value, 0, Math.min(value.length, target.remaining()));
    return value.length;
  }

  @Override
  public void save(Path directory) {
    try {
      files.createDirectories(directory);
      if (last != null) {
        for (String name : files.list(last)) {
          if (name.endsWith(SUFFIX)) {
            files.link(last.resolve(name), directory.resolve(name));
            number = Math.max(number, Integer.parseInt(name.substring(0, 6)));
          }
        }
      }
      Path file = directory.resolve(String.format("%06d%s", ++number, SUFFIX));
      try (StorageFile open = files.write(file)) {
        open.write(encode(), 0);
      }
      changes.clear();
      // It gets the name it will be linked from when it is a checkpoint.
      String named = directory.getFileName().toString().replaceAll("\\D", "");
      last = directory.resolveSibling(named);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private ByteBuffer encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    changes.forEach(
        (name, value) -> {
          byte[] key = name.getBytes(StandardCharsets.UTF_8);
          bytes.writeBytes(number(key.length));
          bytes.writeBytes(key);
          bytes.writeBytes(number(value == null ? REMOVED : value.length));
          if (value != null) {
            bytes.writeBytes(value);
          }
        });
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  @Override
  public long nativeBytes() {
    return 0;
  }

  @Override
  public void close() {
    changes.clear();
  }

  private static LaminarException failed(IOException e) {
    return new LaminarException(ErrorCode.IO_ERROR, "parts: " + e.getMessage(), e);
  }

  /** Keeps parts in the files of any file system. */
  public record InFiles(FileSystem files) implements Kind {
    @Override
    public void prepare() {
      // there is nothing to load
    }

    @Override
    public void await() {
      // there is nothing to load
    }

    @Override
    public Saved read(Path directory) {
      TreeMap<String, byte[]> parts = new TreeMap<>();
      try {
        for (String name : files.list(directory)) {
          if (name.endsWith(SUFFIX)) {
            decode(ByteBuffer.wrap(files.readAll(directory.resolve(name))), parts);
          }
        }
      } catch (IOException e) {
        throw failed(e);
      } catch (BufferUnderflowException | NegativeArraySizeException e) {
        throw new LaminarException(ErrorCode.STATE_CORRUPT, "parts cannot be read");
      }
      return new SavedFiles(parts);
    }

    private static void decode(ByteBuffer bytes, TreeMap<String, byte[]> parts) {
      while (bytes.hasRemaining()) {
        String name = new String(take(bytes, bytes.getInt()), StandardCharsets.UTF_8);
        int length = bytes.getInt();
        if (length == REMOVED) {
          parts.remove(name);
        } else {
          parts.put(name, take(bytes, length));
        }
      }
    }

    private static byte[] take(ByteBuffer bytes, int length) {
      if (length > bytes.remaining()) {
        throw new BufferUnderflowException();
      }
      byte[] taken = new byte[length];
      bytes.get(taken);
      return taken;
    }

    @Override
    public PartStore open(Path directory, Path saved) {
      return new FileParts(files, saved);
    }

    @Override
    public boolean isShared(String file) {
      return file.endsWith(SUFFIX);
    }
  }

  private record SavedFiles(TreeMap<String, byte[]> parts) implements Saved {
    @Override
    public byte[] get(String name) {
      return parts.get(name);
    }

    @Override
    public void each(String prefix, BiConsumer<String, byte[]> action) {
      parts.forEach(
          (name, bytes) -> {
            if (name.startsWith(prefix)) {
              action.accept(name, bytes);
            }
          });
    }

    @Override
    public void close() {
      // everything is in memory
    }
  }
}
