package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.Suggestions;
import io.laminardb.internal.Names;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Which vector of a root is which column of a source, found once for all roots of the same fields.
 * Immutable.
 */
final class RootShape {
  private final Field[] fields; // of the vectors, in the root's order
  private final int[] positions; // of the columns' vectors in the root
  private final long[] unitNanos; // see ColumnImport#unitNanos
  private final int weightPosition; // -1 where there are no weights

  /**
   * @throws LaminarException SCHEMA_MISMATCH where the root's fields are not the source's columns
   */
  RootShape(VectorSchemaRoot root, String owner, Schema schema) {
    List<FieldVector> given = root.getFieldVectors();
    fields = new Field[given.size()];
    positions = new int[schema.size()];
    unitNanos = new long[schema.size()];
    FieldVector[] vectors = new FieldVector[schema.size()];
    int matched = 0;
    int extra = 0;
    int weight = -1;
    for (int i = 0; i < given.size(); i++) {
      FieldVector vector = given.get(i);
      fields[i] = vector.getField();
      int column = schema.indexOf(vector.getName());
      if (column >= 0 && vectors[column] == null) {
        vectors[column] = vector;
        positions[column] = i;
        matched++;
      } else if (ArrowSchemas.isWeight(vector.getField())) {
        weight = i;
      } else {
        extra++;
      }
    }
    if (matched < vectors.length || extra > 0) {
      throw mismatch(vectors, given, owner, schema);
    }
    for (int i = 0; i < vectors.length; i++) {
      unitNanos[i] =
          fields[positions[i]].getDictionary() == null
              ? ColumnImport.unitNanos(fields[positions[i]], schema.field(i), owner)
              : 0;
    }
    weightPosition = weight;
    if (weight >= 0 && !(given.get(weight) instanceof BaseIntVector)) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \"__weight\" has Arrow type "
                  + fields[weight].getType()
                  + ", must be an integer.")
          .mend("Use Int(64, signed) with +1 or -1 a row.");
    }
  }

  /** Whether a root has the very same fields. */
  boolean fits(VectorSchemaRoot root) {
    if (root.getFieldVectors().size() != fields.length) {
      return false;
    }
    for (int i = 0; i < fields.length; i++) {
      if (root.getVector(i).getField() != fields[i]) {
        return false;
      }
    }
    return true;
  }

  /** The vector of a column. */
  FieldVector vector(VectorSchemaRoot root, int column) {
    return root.getVector(positions[column]);
  }

  /** See {@link ColumnImport#unitNanos}. */
  long unitNanos(int column) {
    return unitNanos[column];
  }

  /** The weights, or null. */
  BaseIntVector weights(VectorSchemaRoot root) {
    return weightPosition < 0 ? null : (BaseIntVector) root.getVector(weightPosition);
  }

  private static LaminarException mismatch(
      FieldVector[] vectors, List<FieldVector> given, String owner, Schema schema) {
    List<String> extra = new ArrayList<>();
    for (FieldVector vector : given) {
      int column = schema.indexOf(vector.getName());
      if ((column < 0 || vectors[column] != vector) && !ArrowSchemas.isWeight(vector.getField())) {
        extra.add(vector.getName());
      }
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] == null) {
        missing.add(schema.field(i).name());
      }
    }
    StringBuilder problem = new StringBuilder("the Arrow root does not fit ").append(owner);
    String separator = ": ";
    if (!missing.isEmpty()) {
      problem.append(separator).append("it lacks ").append(Names.list(missing));
      separator = "; ";
    }
    if (!extra.isEmpty()) {
      problem.append(separator).append("it has ").append(Names.list(extra));
      problem.append(", which ").append(owner).append(" has not");
    }
    String nearest =
        missing.isEmpty() ? null : Suggestions.closest(missing.get(0), extra).orElse(null);
    return new LaminarException(ErrorCode.SCHEMA_MISMATCH, problem.append('.').toString())
        .mend(
            nearest == null
                ? "The columns are " + Names.list(Names.of(schema)) + "."
                : "Is \"" + nearest + "\" meant to be \"" + missing.get(0) + "\"?");
  }
}
