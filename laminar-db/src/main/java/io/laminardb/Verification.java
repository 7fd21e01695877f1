package io.laminardb;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.KeptRows;
import io.laminardb.internal.database.Origins;
import io.laminardb.internal.row.OwnedRow;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.ObjectKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/** What can be verified, and how two contents are compared. */
final class Verification {
  private Verification() {}

  /** Whether an object holds rows; a stream has none but those that subscriptions keep. */
  static boolean holdsRows(CatalogObject object) {
    return object.kind() == ObjectKind.MATERIALIZED_VIEW || object.isTable();
  }

  /**
   * Checks that an object has rows to be compared, and that all they are made of is in the journal.
   *
   * @param followed whether a durable subscription follows it
   * @param mode of sources that do not say one
   * @throws LaminarException NOT_SUPPORTED
   */
  static void require(
      CatalogSnapshot catalog, CatalogObject object, boolean followed, DurabilityMode mode) {
    if (!holdsRows(object) && !followed) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, object.describe() + " keeps no rows that could be verified.")
          .mend(
              "Verify a MATERIALIZED VIEW, a TABLE, or a STREAM that a durable subscription follows.");
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

  /**
   * The rows that a subscription keeps, by their numbers.
   *
   * @param kept closed by this
   */
  static NavigableMap<Long, Row> numbered(KeptRows kept) {
    NavigableMap<Long, Row> rows = new TreeMap<>();
    try (kept) {
      long number = kept.first();
      for (Batch batch : kept.batches()) {
        for (int row = batch.from(); row < batch.to(); row++) {
          rows.put(number++, OwnedRow.of(batch.schema(), batch, row));
        }
      }
    }
    return rows;
  }

  /**
   * The first number that has another row, or one only in one of both, or null. Where both begin: what
   * was acknowledged is not kept.
   */
  static Difference firstOfNumbered(
      NavigableMap<Long, Row> expected, NavigableMap<Long, Row> found) {
    if (expected.isEmpty() || found.isEmpty()) {
      Row missing = expected.isEmpty() ? null : expected.firstEntry().getValue();
      Row surplus = found.isEmpty() ? null : found.firstEntry().getValue();
      return missing == null && surplus == null ? null : new Difference(missing, surplus);
    }
    long last = Math.max(expected.lastKey(), found.lastKey());
    for (long number = Math.max(expected.firstKey(), found.firstKey()); number <= last; number++) {
      Row left = expected.get(number);
      Row right = found.get(number);
      if (left == null || right == null || !left.toString().equals(right.toString())) {
        return new Difference(left, right);
      }
    }
    return null;
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
