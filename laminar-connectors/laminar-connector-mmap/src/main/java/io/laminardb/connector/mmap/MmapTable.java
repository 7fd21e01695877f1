package io.laminardb.connector.mmap;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupOptions;
import io.laminardb.core.connector.LookupReader;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.connector.TableValues;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * A table in a mapped file: the bytes of its key lead to those of its row, and an entry whose key no row
 * has tells format and columns. Any thread; closing waits for who is reading.
 */
final class MmapTable implements TableStore {
  private static final byte[] HEADER = {-1};
  private static final int FORMAT = 1;
  private static final LookupOptions OPTIONS =
      new LookupOptions(0, Duration.ZERO, 1024, 1, 256, 0); // no cache: the file is in memory

  private final MmapOptions options;
  private final Declared table;
  private final Schema keySchema;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private MappedFile file; // guarded by lock; null until it is first used
  private boolean closed; // guarded by lock

  MmapTable(MmapOptions options, Declared table) {
    this.options = options;
    this.table = table;
    List<Field> keys = table.key().stream().map(table.schema()::field).toList();
    for (Field field : table.schema().fields()) {
      boolean isKept =
          switch (field.type().kind()) {
            case ARRAY, MAP, ROW -> false;
            case REAL, DOUBLE, VARBINARY -> !keys.contains(field);
            default -> true;
          };
      if (!isKept) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "storage = 'mmap' keeps no "
                    + field.type()
                    + (keys.contains(field) ? " in a PRIMARY KEY." : "."))
            .mend("Keep the table in memory, or declare another type.");
      }
    }
    if (keys.isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "storage = 'mmap' keeps rows by their key.")
          .mend("Declare a PRIMARY KEY.");
    }
    this.keySchema = new Schema(keys, false);
  }

  // ---- as a table that is asked by key

  @Override
  public LookupOptions options() {
    return OPTIONS;
  }

  @Override
  public void check(Schema schema) {
    use(map -> null);
  }

  @Override
  public LookupReader open(Schema read, List<Integer> keys) {
    return open(read, keys, List.of());
  }

  @Override
  public LookupReader open(Schema read, List<Integer> keys, List<LookupCondition> conditions) {
    List<Function<Object[], Object>> key =
        new ArrayList<>(); // each column's value of what is given
    keySchema.fields().forEach(field -> key.add(keyPart(read, field, keys, conditions)));
    int[] columns =
        read.fields().stream().mapToInt(field -> table.schema().indexOf(field.name())).toArray();
    return new LookupReader() {
      @Override
      public void read(List<Object[]> asked, Consumer<Object[]> rows) {
        for (Object[] values : asked) {
          Object[] row = get(key.stream().map(part -> part.apply(values)).toArray());
          if (row != null) {
            rows.accept(Arrays.stream(columns).mapToObj(column -> row[column]).toArray());
          }
        }
      }

      @Override
      public void close() {
        // The file is the table's.
      }
    };
  }

  /** What a column of the key is: one of the values given, or a constant. */
  private Function<Object[], Object> keyPart(
      Schema read, Field field, List<Integer> keys, List<LookupCondition> conditions) {
    int column = read.indexOf(field.name());
    int place = keys.indexOf(column);
    if (place >= 0) {
      return values -> values[place];
    }
    for (LookupCondition condition : conditions) {
      if (condition.column() == column && condition.values().size() == 1) {
        Object constant = condition.values().get(0);
        return values -> constant;
      }
    }
    String columns = keySchema.fields().stream().map(Field::name).collect(Collectors.joining(", "));
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED,
            "a stream asks table \""
                + table.name()
                + "\" by its PRIMARY KEY ("
                + columns
                + ") alone.")
        .mend("Compare all of it by =.");
  }

  // ---- rows

  @Override
  public Object[] get(Object[] key) {
    byte[] found = use(map -> map.get(key(key)));
    return found == null ? null : row(found);
  }

  @Override
  public void forEach(Consumer<Object[]> rows) {
    use(
        map -> {
          map.forEach(
              (key, row) -> {
                if (!Arrays.equals(key, HEADER)) {
                  rows.accept(row(row));
                }
              });
          return null;
        });
  }

  @Override
  public long rows() {
    return use(map -> map.longSize() - 1);
  }

  @Override
  public void change(List<Object[]> keys, List<Object[]> rows) {
    if (!options.writes()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "table \"" + table.name() + "\" was opened to be read.")
          .mend("Change it where it is opened WITH (access = 'write').");
    }
    use(
        map -> {
          List<Map.Entry<byte[], byte[]>> before = new ArrayList<>(); // a null value: no row
          try {
            for (Object[] key : keys) {
              byte[] bytes = key(key);
              before.add(entry(bytes, map.remove(bytes)));
            }
            for (Object[] row : rows) {
              byte[] bytes = key(table.key().stream().map(column -> row[column]).toArray());
              byte[] written = row(row);
              before.add(entry(bytes, map.get(bytes)));
              map.put(bytes, written);
            }
          } catch (RuntimeException e) {
            undo(before, map);
            throw e;
          }
          return null;
        });
  }

  private static Map.Entry<byte[], byte[]> entry(byte[] key, byte[] row) {
    return new AbstractMap.SimpleImmutableEntry<>(key, row);
  }

  private static void undo(
      List<Map.Entry<byte[], byte[]>> before, ChronicleMap<byte[], byte[]> map) {
    for (int i = before.size() - 1; i >= 0; i--) {
      Map.Entry<byte[], byte[]> entry = before.get(i);
      if (entry.getValue() == null) {
        map.remove(entry.getKey());
      } else {
        map.put(entry.getKey(), entry.getValue());
      }
    }
  }

  private byte[] key(Object[] values) {
    StateWriter writer = new StateWriter();
    TableValues.write(values, keySchema, writer);
    return writer.toBytes();
  }

  private byte[] row(Object[] values) {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    TableValues.write(values, table.schema(), writer);
    return writer.toBytes();
  }

  private Object[] row(byte[] bytes) {
    StateReader reader = new StateReader(bytes);
    reader.section();
    return TableValues.read(reader, table.schema());
  }

  // ---- the file

  /** Does something with the file while nobody closes it. */
  private <T> T use(Function<ChronicleMap<byte[], byte[]>, T> action) {
    lock.readLock().lock();
    try {
      while (file == null) {
        lock.readLock().unlock();
        try {
          open();
        } finally {
          lock.readLock().lock();
        }
        requireOpen();
      }
      return action.apply(file.map());
    } catch (LaminarException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new LaminarException(
              ErrorCode.CONNECTOR_FAILED,
              "table \""
                  + table.name()
                  + "\" in \""
                  + options.path()
                  + "\": "
                  + e.getMessage()
                  + ".",
              e)
          .mend("Where it is full or a row too long, make a file with more rows or row_bytes.");
    } finally {
      lock.readLock().unlock();
    }
  }

  private void open() {
    lock.writeLock().lock();
    try {
      requireOpen();
      if (file == null) {
        MappedFile opened = MappedFile.open(options);
        try {
          checkHeader(opened.map());
        } catch (RuntimeException e) {
          opened.close();
          throw e;
        }
        file = opened;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The file is a table's with the same columns; a new one becomes it. */
  private void checkHeader(ChronicleMap<byte[], byte[]> map) {
    String header = "laminar " + FORMAT + " " + table.schema() + " key " + table.key();
    byte[] found = map.get(HEADER);
    if (found == null && options.writes() && map.isEmpty()) {
      map.put(HEADER, header.getBytes(StandardCharsets.UTF_8));
      return;
    }
    String there = found == null ? "no table" : new String(found, StandardCharsets.UTF_8);
    if (!there.equals(header)) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "\"" + options.path() + "\" holds " + there + ", and not " + header + ".")
          .mend("Declare the columns that it was made with.");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, "table \"" + table.name() + "\" is closed.");
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      if (file != null) {
        file.close();
        file = null;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
