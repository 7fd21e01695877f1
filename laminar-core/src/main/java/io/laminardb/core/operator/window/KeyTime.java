package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Schema;
import java.util.List;

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
  /** Words that a group's row has for its key's list, behind the count. */
  public static final int GROUP_WORDS = 3;

  public KeyTime {
    columns = List.copyOf(columns);
    outputs = List.copyOf(outputs);
  }
}
