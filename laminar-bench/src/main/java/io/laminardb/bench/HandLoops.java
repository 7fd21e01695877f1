package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Each workload as a programmer would write it by hand for just that query: one loop over the same
 * Arrow columns, primitive arrays for the aggregates, results checksummed. The limit the engine is
 * measured against, in the same run.
 */
final class HandLoops implements Loops {
  static final long MINUTE = 60_000;

  private final Supplier<TextIds> tables;

  HandLoops(Supplier<TextIds> tables) {
    this.tables = tables;
  }

  /** W1: rows with volume above the median; price doubled. Results go to a batch, as the engine's. */
  @Override
  public void filterProject(Data data, Batch out, Consumer<Batch> consumer) {
    for (VectorSchemaRoot root : data.batches()) {
      long offsets = Data.offsets(root, 0);
      long texts = Data.address(root, 0);
      long prices = Data.address(root, 1);
      long volumes = Data.address(root, 2);
      long outPrices = out.column(1).dataAddress();
      long outVolumes = out.column(2).dataAddress();
      out.clear();
      int n = 0;
      for (int i = 0; i < root.getRowCount(); i++) {
        long volume = Memory.getLong(volumes + ((long) i << 3));
        if (volume > 500) {
          int start = Memory.getInt(offsets + ((long) i << 2));
          int end = Memory.getInt(offsets + ((long) i << 2) + 4);
          out.column(0).putBytes(n, texts + start, end - start);
          Memory.putDouble(
              outPrices + ((long) n << 3), Memory.getDouble(prices + ((long) i << 3)) * 2);
          Memory.putLong(outVolumes + ((long) n << 3), volume);
          n++;
        }
      }
      out.rowCount(n);
      consumer.accept(out);
    }
  }

  /** W2: SUM(price * volume) / SUM(volume), COUNT(*) by symbol and minute. */
  @Override
  public long tumblingVwap(Data data) {
    TextIds ids = tables.get();
    double[] turnover = new double[1024];
    long[] volume = new long[1024];
    long[] count = new long[1024];
    long windowEnd = Long.MIN_VALUE;
    long checksum = 0;
    for (VectorSchemaRoot root : data.batches()) {
      long offsets = Data.offsets(root, 0);
      long texts = Data.address(root, 0);
      long prices = Data.address(root, 1);
      long volumes = Data.address(root, 2);
      long times = Data.address(root, 3);
      for (int i = 0; i < root.getRowCount(); i++) {
        long ts = Memory.getLong(times + ((long) i << 3));
        if (ts >= windowEnd) {
          checksum += closeVwap(ids, turnover, volume, count);
          windowEnd = Math.floorDiv(ts, MINUTE) * MINUTE + MINUTE;
        }
        int start = Memory.getInt(offsets + ((long) i << 2));
        int length = Memory.getInt(offsets + ((long) i << 2) + 4) - start;
        int id = ids.idOf(texts + start, length);
        if (id >= count.length) {
          turnover = Arrays.copyOf(turnover, count.length * 2);
          volume = Arrays.copyOf(volume, count.length * 2);
          count = Arrays.copyOf(count, count.length * 2);
        }
        long v = Memory.getLong(volumes + ((long) i << 3));
        turnover[id] += Memory.getDouble(prices + ((long) i << 3)) * v;
        volume[id] += v;
        count[id]++;
      }
    }
    return checksum + closeVwap(ids, turnover, volume, count);
  }

  private static long closeVwap(TextIds ids, double[] turnover, long[] volume, long[] count) {
    long checksum = 0;
    for (int id = 0; id < ids.size(); id++) {
      if (count[id] != 0) {
        long vwap = Double.doubleToRawLongBits(turnover[id] / volume[id]);
        checksum += Checksum.row(ids.wordOf(id), vwap, count[id]);
        turnover[id] = 0;
        volume[id] = 0;
        count[id] = 0;
      }
    }
    return checksum;
  }

  /** W3: AVG(price), COUNT(*) by symbol over 5 minutes, every minute; panes of a minute. */
  @Override
  public long hoppingAverage(Data data) {
    int panes = 5;
    TextIds ids = tables.get();
    double[][] sum = new double[panes][1024];
    long[][] count = new long[panes][1024];
    long paneEnd = Long.MIN_VALUE;
    int pane = 0;
    long checksum = 0;
    boolean started = false;
    for (VectorSchemaRoot root : data.batches()) {
      long offsets = Data.offsets(root, 0);
      long texts = Data.address(root, 0);
      long prices = Data.address(root, 1);
      long times = Data.address(root, 3);
      for (int i = 0; i < root.getRowCount(); i++) {
        long ts = Memory.getLong(times + ((long) i << 3));
        if (!started) {
          paneEnd = Math.floorDiv(ts, MINUTE) * MINUTE + MINUTE;
          started = true;
        }
        while (ts >= paneEnd) { // the data has no gaps, so this runs once a minute
          checksum += closeAverage(ids, sum, count);
          pane = (pane + 1) % panes;
          Arrays.fill(sum[pane], 0);
          Arrays.fill(count[pane], 0);
          paneEnd += MINUTE;
        }
        int start = Memory.getInt(offsets + ((long) i << 2));
        int length = Memory.getInt(offsets + ((long) i << 2) + 4) - start;
        int id = ids.idOf(texts + start, length);
        if (id >= count[0].length) {
          for (int p = 0; p < panes; p++) {
            sum[p] = Arrays.copyOf(sum[p], id * 2);
            count[p] = Arrays.copyOf(count[p], id * 2);
          }
        }
        sum[pane][id] += Memory.getDouble(prices + ((long) i << 3));
        count[pane][id]++;
      }
    }
    for (int p = 0; p < panes; p++) { // the last windows, emptier pane by pane
      checksum += closeAverage(ids, sum, count);
      pane = (pane + 1) % panes;
      Arrays.fill(sum[pane], 0);
      Arrays.fill(count[pane], 0);
    }
    return checksum;
  }

  private static long closeAverage(TextIds ids, double[][] sum, long[][] count) {
    long checksum = 0;
    for (int id = 0; id < ids.size(); id++) {
      double total = 0;
      long rows = 0;
      for (int p = 0; p < sum.length; p++) {
        total += sum[p][id];
        rows += count[p][id];
      }
      if (rows != 0) {
        checksum += Checksum.row(ids.wordOf(id), Double.doubleToRawLongBits(total / rows), rows);
      }
    }
    return checksum;
  }

  /** W4: COUNT(*), SUM(volume) by symbol and session with a gap of 30 s; rows come in time order. */
  @Override
  public long sessions(Data data) {
    long gap = 30_000;
    TextIds ids = tables.get();
    long[] last = new long[1024];
    long[] count = new long[1024];
    long[] volume = new long[1024];
    long checksum = 0;
    for (VectorSchemaRoot root : data.batches()) {
      long offsets = Data.offsets(root, 0);
      long texts = Data.address(root, 0);
      long volumes = Data.address(root, 2);
      long times = Data.address(root, 3);
      for (int i = 0; i < root.getRowCount(); i++) {
        long ts = Memory.getLong(times + ((long) i << 3));
        int start = Memory.getInt(offsets + ((long) i << 2));
        int length = Memory.getInt(offsets + ((long) i << 2) + 4) - start;
        int id = ids.idOf(texts + start, length);
        if (id >= count.length) {
          last = Arrays.copyOf(last, count.length * 2);
          volume = Arrays.copyOf(volume, count.length * 2);
          count = Arrays.copyOf(count, count.length * 2);
        }
        if (count[id] != 0 && ts > last[id] + gap) {
          checksum += Checksum.row(ids.wordOf(id), count[id], volume[id]);
          count[id] = 0;
          volume[id] = 0;
        }
        last[id] = ts;
        count[id]++;
        volume[id] += Memory.getLong(volumes + ((long) i << 3));
      }
    }
    for (int id = 0; id < ids.size(); id++) {
      if (count[id] != 0) {
        checksum += Checksum.row(ids.wordOf(id), count[id], volume[id]);
      }
    }
    return checksum;
  }

  /** W7: running SUM(volume), COUNT(*) by symbol; old row and new row of every change in a batch. */
  @Override
  public void runningTotals(Data data, Batch out, Consumer<Batch> consumer) {
    TextIds ids = tables.get();
    long[] volume = new long[1024];
    long[] count = new long[1024];
    out.clear();
    int n = 0;
    for (VectorSchemaRoot root : data.batches()) {
      long offsets = Data.offsets(root, 0);
      long texts = Data.address(root, 0);
      long volumes = Data.address(root, 2);
      for (int i = 0; i < root.getRowCount(); i++) {
        int start = Memory.getInt(offsets + ((long) i << 2));
        int length = Memory.getInt(offsets + ((long) i << 2) + 4) - start;
        int id = ids.idOf(texts + start, length);
        if (id >= count.length) {
          volume = Arrays.copyOf(volume, count.length * 2);
          count = Arrays.copyOf(count, count.length * 2);
        }
        if (count[id] != 0) {
          writeTotals(out, n++, texts + start, length, volume[id], count[id], -1);
        }
        volume[id] += Memory.getLong(volumes + ((long) i << 3));
        count[id]++;
        writeTotals(out, n++, texts + start, length, volume[id], count[id], 1);
        if (n + 2 > out.capacity()) {
          out.rowCount(n);
          consumer.accept(out);
          out.clear();
          n = 0;
        }
      }
    }
    out.rowCount(n);
    consumer.accept(out);
  }

  private static void writeTotals(
      Batch out, int row, long text, int length, long volume, long count, int weight) {
    out.column(0).putBytes(row, text, length);
    Memory.putLong(out.column(1).dataAddress() + ((long) row << 3), volume);
    Memory.putLong(out.column(2).dataAddress() + ((long) row << 3), count);
    Memory.putByte(out.weightsAddress() + row, (byte) weight);
  }
}
