package io.laminardb.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of a query, whatever their order: columns that are exact make up a row's name, DOUBLEs are
 * compared with a tolerance of the last digits, as sums may be built in another order.
 */
final class Answer {
  private static final double TOLERANCE = 1e-11;

  private final String name;
  private final Map<String, double[]> rows = new HashMap<>();
  private long retractions;

  Answer(String name) {
    this.name = name;
  }

  /** Adds a row, or takes it back. */
  void add(Row row, int columns) {
    StringBuilder exact = new StringBuilder();
    List<Double> inexact = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      Object value = row.getObject(i);
      if (value instanceof Double number) {
        inexact.add(number);
      } else {
        exact.append(value).append('|');
      }
    }
    if (row.weight() < 0) {
      retractions++;
      assertThat(rows.remove(exact.toString())).as("%s: %s was there", name, exact).isNotNull();
    } else {
      put(exact.toString(), inexact);
    }
  }

  static Answer of(String name, ResultSet result) throws SQLException {
    Answer answer = new Answer(name);
    int columns = result.getMetaData().getColumnCount();
    while (result.next()) {
      StringBuilder exact = new StringBuilder();
      List<Double> inexact = new ArrayList<>();
      for (int i = 1; i <= columns; i++) {
        int type = result.getMetaData().getColumnType(i);
        if (type == Types.DOUBLE) {
          double value = result.getDouble(i);
          if (result.wasNull()) {
            exact.append("null|");
          } else {
            inexact.add(value);
          }
        } else {
          Object value = result.getObject(i);
          exact.append(value instanceof Timestamp time ? utc(time) : value).append('|');
        }
      }
      answer.put(exact.toString(), inexact);
    }
    return answer;
  }

  private static LocalDateTime utc(Timestamp time) {
    return time.toLocalDateTime();
  }

  private void put(String exact, List<Double> inexact) {
    double[] values = inexact.stream().mapToDouble(Double::doubleValue).toArray();
    assertThat(rows.put(exact, values)).as("%s: %s came twice", name, exact).isNull();
  }

  long retractions() {
    return retractions;
  }

  void assertEquals(Answer expected) {
    assertThat(rows.size()).as("rows of %s", name).isEqualTo(expected.rows.size());
    expected.rows.forEach(
        (exact, wanted) -> {
          double[] got = rows.get(exact);
          if (got == null) {
            throw new AssertionError(name + ": there is no row " + exact);
          }
          for (int i = 0; i < wanted.length; i++) {
            double most = TOLERANCE * Math.max(1, Math.abs(wanted[i]));
            if (Math.abs(got[i] - wanted[i]) > most) {
              throw new AssertionError(
                  name + ": " + exact + " has " + got[i] + ", DuckDB says " + wanted[i]);
            }
          }
        });
  }

  @Override
  public String toString() {
    return name + ": " + rows.size() + " rows";
  }
}
