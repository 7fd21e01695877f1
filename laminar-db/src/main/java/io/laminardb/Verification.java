package io.laminardb;

import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Origins;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.ObjectKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** What can be verified, and how two contents are compared. */
final class Verification {
  private Verification() {}

  /**
   * Checks that all that an object is made of is in the journal.
   *
   * @param mode of sources that do not say one
   * @throws LaminarException NOT_SUPPORTED
   */
  static void require(CatalogSnapshot catalog, CatalogObject object, DurabilityMode mode) {
    if (object.kind() != ObjectKind.MATERIALIZED_VIEW && !object.isTable()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, object.describe() + " keeps no rows that could be verified.")
          .mend("Verify a MATERIALIZED VIEW or a TABLE.");
    }
    CatalogObject unwritten = Origins.unwritten(catalog, List.of(object.name()), mode);
    if (unwritten != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              object.describe()
                  + " cannot be verified: rows of "
                  + unwritten.describe()
                  + " are in no journal.")
          .mend("Its durability is none; with async they are.");
    }
  }

  /** The first difference of two contents in the order of their texts, or null. */
  static Difference first(List<Row> expected, List<Row> found) {
    List<Row> missing = sorted(expected);
    List<Row> surplus = sorted(found);
    int from = 0;
    while (from < Math.min(missing.size(), surplus.size())
        && missing.get(from).toString().equals(surplus.get(from).toString())) {
      from++;
    }
    if (from == missing.size() && from == surplus.size()) {
      return null;
    }
    Row left = from < missing.size() ? missing.get(from) : null;
    Row right = from < surplus.size() ? surplus.get(from) : null;
    if (left == null || right == null || sameKey(left, right)) {
      return new Difference(left, right);
    }
    return left.toString().compareTo(right.toString()) < 0
        ? new Difference(left, null)
        : new Difference(null, right);
  }

  /** Rows that begin alike are taken for what one row should be and is. */
  private static boolean sameKey(Row left, Row right) {
    return Objects.equals(String.valueOf(left.getObject(0)), String.valueOf(right.getObject(0)));
  }

  private static List<Row> sorted(List<Row> rows) {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparing(Row::toString));
    return sorted;
  }
}
