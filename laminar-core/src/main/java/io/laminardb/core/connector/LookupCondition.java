package io.laminardb.core.connector;

import java.util.List;

/**
 * A column of a table outside is one of some values; a row for which that is not so is not wanted.
 *
 * @param column among those that are read: a VARCHAR or a whole number
 * @param values of the classes that {@link LookupReader} names; none of them null
 */
public record LookupCondition(int column, List<Object> values) {
  public LookupCondition {
    values = List.copyOf(values);
  }
}
