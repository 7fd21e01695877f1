package io.laminardb.internal.arrow;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.Suggestions;
import io.laminardb.core.memory.Memory;
import io.laminardb.internal.Names;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Makes batches of Arrow roots. Columns are matched by name, whatever their order and case; the
 * root must have every column and no other, except {@link ArrowSchemas#WEIGHT}.
 *
 * <p><b>Ownership.</b> The batch shares the root's buffers and keeps them alive: the caller may
 * close (or clear and reallocate) the root at once, must not write to its vectors any more, and
 * closes its allocator only when the batch has been closed. Copied, from {@code allocator}, are:
 * columns in another unit of time, dictionary-encoded ones (decoded), and weights.
 */
public final class ArrowImport {
  private ArrowImport() {}

  /** {@link #batch(VectorSchemaRoot, DictionaryProvider, String, Schema, BufferAllocator)}. */
  public static Batch batch(
      VectorSchemaRoot root, String owner, Schema schema, BufferAllocator allocator) {
    return batch(root, null, owner, schema, allocator);
  }

  /**
   * The rows of {@code root} as a batch of {@code schema}, which the caller closes.
   *
   * @param dictionaries where dictionary-encoded columns find their values, or null
   * @param owner whose columns they are, for errors, such as {@code source "trades"}
   * @throws LaminarException SCHEMA_MISMATCH if the columns differ; NULL_NOT_ALLOWED for a NULL in
   *     a NOT NULL column; nothing is kept of the root then
   */
  public static Batch batch(
      VectorSchemaRoot root,
      DictionaryProvider dictionaries,
      String owner,
      Schema schema,
      BufferAllocator allocator) {
    FieldVector[] vectors = match(root, owner, schema);
    int rows = root.getRowCount();
    Column[] columns = new Column[schema.size()];
    ArrowBuf weights = null;
    try {
      for (int i = 0; i < columns.length; i++) {
        if (rows == 0) {
          ColumnImport.check(vectors[i], schema.field(i), owner);
          columns[i] = new Column(schema.field(i), 1, allocator);
        } else {
          columns[i] = column(vectors[i], dictionaries, schema.field(i), rows, owner, allocator);
        }
      }
      weights = weights(root, rows, owner, schema, allocator);
      return new Batch(schema, columns, weights, rows);
    } catch (RuntimeException e) {
      for (Column column : columns) {
        if (column != null) {
          column.close();
        }
      }
      if (weights != null) {
        weights.close();
      }
      throw e;
    }
  }

  private static FieldVector[] match(VectorSchemaRoot root, String owner, Schema schema) {
    FieldVector[] vectors = new FieldVector[schema.size()];
    List<FieldVector> given = root.getFieldVectors();
    int matched = 0;
    int extra = 0;
    for (int i = 0; i < given.size(); i++) {
      FieldVector vector = given.get(i);
      int column = schema.indexOf(vector.getName());
      if (column >= 0 && vectors[column] == null) {
        vectors[column] = vector;
        matched++;
      } else if (!ArrowSchemas.isWeight(vector.getField())) {
        extra++;
      }
    }
    if (matched < vectors.length || extra > 0) {
      throw mismatch(vectors, given, owner, schema);
    }
    return vectors;
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

  private static Column column(
      FieldVector vector,
      DictionaryProvider dictionaries,
      Field field,
      int rows,
      String owner,
      BufferAllocator allocator) {
    if (vector.getField().getDictionary() == null) {
      return ColumnImport.column(vector, field, rows, owner, allocator);
    }
    long id = vector.getField().getDictionary().getId();
    Dictionary dictionary = dictionaries == null ? null : dictionaries.lookup(id);
    if (dictionary == null) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \""
                  + field.name()
                  + "\" is encoded with dictionary "
                  + id
                  + ", which is not known.")
          .mend("Push the root together with its DictionaryProvider.");
    }
    try (FieldVector decoded =
        (FieldVector) DictionaryEncoder.decode(vector, dictionary, allocator)) {
      return ColumnImport.column(decoded, field, rows, owner, allocator);
    }
  }

  private static ArrowBuf weights(
      VectorSchemaRoot root, int rows, String owner, Schema schema, BufferAllocator allocator) {
    FieldVector vector = null;
    for (FieldVector candidate : root.getFieldVectors()) {
      if (ArrowSchemas.isWeight(candidate.getField()) && schema.indexOf(ArrowSchemas.WEIGHT) < 0) {
        vector = candidate;
      }
    }
    if (vector != null && !(vector instanceof BaseIntVector)) {
      throw new LaminarException(
              ErrorCode.SCHEMA_MISMATCH,
              "column \"__weight\" has Arrow type "
                  + vector.getField().getType()
                  + ", must be an integer.")
          .mend("Use Int(64, signed) with +1 or -1 a row.");
    }
    if (!schema.isChangelog()) {
      checkWeights((BaseIntVector) vector, rows, owner, false);
      return null;
    }
    checkWeights((BaseIntVector) vector, rows, owner, true);
    ArrowBuf weights = allocator.buffer(Math.max(1, rows));
    for (int i = 0; i < rows; i++) {
      byte weight = vector == null ? 1 : (byte) ((BaseIntVector) vector).getValueAsLong(i);
      Memory.putByte(weights.memoryAddress() + i, weight);
    }
    return weights;
  }

  private static void checkWeights(
      BaseIntVector vector, int rows, String owner, boolean changelog) {
    for (int i = 0; vector != null && i < rows; i++) {
      long weight = vector.isNull(i) ? 0 : vector.getValueAsLong(i);
      if (weight == -1 && !changelog) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                owner + " is append-only, but row " + i + " has weight -1.")
            .mend("Declare it WITH (changelog = 'retract').");
      }
      if (weight != 1 && weight != -1) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                "row "
                    + i
                    + " has weight "
                    + (vector.isNull(i) ? "NULL" : weight)
                    + ", must be +1 or -1.")
            .mend("Push a row several times to count it several times.");
      }
    }
  }
}
