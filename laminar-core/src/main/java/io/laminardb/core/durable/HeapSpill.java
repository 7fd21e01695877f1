package io.laminardb.core.durable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * A store on the heap: for tests, and for what was spilled elsewhere and is to be held in memory again. Any
 * thread puts and gets blocks; maps are of one thread each.
 */
public final class HeapSpill implements SpillStore {
  private final Map<Long, byte[]> blocks = new HashMap<>();
  private long last;

  @Override
  public synchronized long put(byte[] block) {
    blocks.put(++last, block.clone());
    return last;
  }

  @Override
  public synchronized byte[] get(long number) {
    return blocks.get(number).clone();
  }

  @Override
  public synchronized void drop(long number) {
    blocks.remove(number);
  }

  @Override
  public SpillMap map() {
    return new HeapMap();
  }

  @Override
  public synchronized void close() {
    blocks.clear();
  }

  private static final class HeapMap implements SpillMap {
    private final TreeMap<byte[], byte[]> values = new TreeMap<>(Arrays::compareUnsigned);

    @Override
    public void put(byte[] key, int keyLength, byte[] value, int valueLength) {
      byte[] before = values.put(Arrays.copyOf(key, keyLength), Arrays.copyOf(value, valueLength));
      assert before == null;
    }

    @Override
    public byte[] take(byte[] key, int keyLength) {
      return values.remove(Arrays.copyOf(key, keyLength));
    }

    @Override
    public Values values() {
      Iterator<byte[]> all = values.values().iterator();
      return new Values() {
        @Override
        public byte[] next() {
          return all.hasNext() ? all.next() : null;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {
      values.clear();
    }
  }
}
