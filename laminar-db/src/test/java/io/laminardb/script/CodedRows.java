package io.laminardb.script;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.util.Text;

/**
 * An Arrow batch with some of its VARCHAR columns dictionary-encoded: which ones, in which order the
 * dictionary has the texts, and how wide the numbers are is left to chance.
 */
public final class CodedRows implements AutoCloseable {
  private static final int[] WIDTHS = {8, 16, 32, 32, 64};

  private final DictionaryProvider.MapDictionaryProvider dictionaries =
      new DictionaryProvider.MapDictionaryProvider();
  private final List<VarCharVector> texts = new ArrayList<>();
  private final VectorSchemaRoot root;

  /**
   * @param plain whose rows they are; its vectors are borrowed, and closed with this
   */
  public CodedRows(VectorSchemaRoot plain, Random random, BufferAllocator allocator) {
    List<FieldVector> vectors = new ArrayList<>();
    for (FieldVector vector : plain.getFieldVectors()) {
      if (vector instanceof VarCharVector values && random.nextInt(4) > 0) {
        vectors.add(encoded(values, random, allocator));
        vector.close();
      } else {
        vectors.add(vector);
      }
    }
    root = new VectorSchemaRoot(vectors);
    root.setRowCount(plain.getRowCount());
  }

  private FieldVector encoded(VarCharVector values, Random random, BufferAllocator allocator) {
    Set<Text> distinct = new LinkedHashSet<>();
    distinct.add(new Text("not used"));
    boolean hasNull = false;
    for (int i = 0; i < values.getValueCount(); i++) {
      if (values.isNull(i)) {
        hasNull = true;
      } else {
        distinct.add(new Text(values.get(i)));
      }
    }
    List<Text> order = new ArrayList<>(distinct);
    if (random.nextInt(3) > 0) {
      order.remove(0);
    }
    Collections.shuffle(order, random);
    VarCharVector dictionary = new VarCharVector("texts", allocator);
    texts.add(dictionary);
    for (int i = 0; i < order.size(); i++) {
      dictionary.setSafe(i, order.get(i));
    }
    boolean nullIsCoded = hasNull && random.nextInt(4) == 0;
    if (nullIsCoded) {
      dictionary.setNull(order.size());
    }
    dictionary.setValueCount(order.size() + (nullIsCoded ? 1 : 0));
    int width = order.size() > 100 ? 32 : WIDTHS[random.nextInt(WIDTHS.length)];
    DictionaryEncoding encoding =
        new DictionaryEncoding(texts.size(), false, new ArrowType.Int(width, true));
    Dictionary coding = new Dictionary(dictionary, encoding);
    dictionaries.put(coding);
    return (FieldVector) DictionaryEncoder.encode(values, coding);
  }

  public VectorSchemaRoot root() {
    return root;
  }

  public DictionaryProvider dictionaries() {
    return dictionaries;
  }

  @Override
  public void close() {
    root.close();
    texts.forEach(VarCharVector::close);
  }
}
