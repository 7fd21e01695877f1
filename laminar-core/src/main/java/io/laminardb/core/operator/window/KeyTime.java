package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyWatermarks;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What there is to know of rows whose keys have watermarks of their own. Immutable.
 *
 * @param input the schema of the rows
 * @param columns of the input whose values have watermarks
 * @param outputs where the same columns stand in the output
 * @param timeColumn of the input
 * @param delayNs how far the watermark of a key trails its greatest time
 */
public record KeyTime(
    Schema input, List<Integer> columns, List<Integer> outputs, int timeColumn, long delayNs) {
  /** Words that a group's row, or a session's, has for its key's list. */
  public static final int GROUP_WORDS = 3;

  public KeyTime {
    columns = List.copyOf(columns);
    outputs = List.copyOf(outputs);
  }

  /**
   * The watermarks of such keys, none of which is known yet.
   *
   * @param words that the caller has with each key
   */
  public KeyWatermarks watermarks(int words, BufferAllocator allocator) {
    long unitNs = input.field(timeColumn).type().nanosPerUnit();
    return new KeyWatermarks(input, columns, unitNs, delayNs, words, allocator);
  }

  /** A probe of the same keys in rows of the output. */
  KeyProbe outputProbe(Schema output, BufferAllocator allocator) {
    return new KeyProbe(output, outputs.stream().mapToInt(Integer::intValue).toArray(), allocator);
  }
}
