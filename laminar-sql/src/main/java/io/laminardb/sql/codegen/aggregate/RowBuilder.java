package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.ObjectCodec;
import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.core.state.RowLayout;
import java.util.ArrayList;
import java.util.List;

/** Lays out the row of a group: hands out words behind its count. */
final class RowBuilder {
  private final int keyWords;
  private final int[] keyTexts;
  private final List<Integer> texts = new ArrayList<>();
  private final List<Integer> multisets = new ArrayList<>();
  private final List<OrderedMultiset.Type> types = new ArrayList<>();
  private final List<Integer> objects = new ArrayList<>();
  private final List<ObjectCodec> codecs = new ArrayList<>();
  private int words = 1; // the count

  RowBuilder(int keyWords, int[] keyTexts) {
    this.keyWords = keyWords;
    this.keyTexts = keyTexts;
  }

  int keyWords() {
    return keyWords;
  }

  int[] keyTexts() {
    return keyTexts;
  }

  /** Where the group's count stands. */
  int countOffset() {
    return RowLayout.KEY_OFFSET + 8 * keyWords;
  }

  /** Takes words and returns where the first of them stands. */
  int take(int count) {
    int offset = countOffset() + 8 * words;
    words += count;
    return offset;
  }

  /** Takes the two words of a text's view. */
  int takeText() {
    int offset = take(2);
    texts.add(offset);
    return offset;
  }

  /** Says that the view of a text stands at an offset taken before. */
  void text(int offset) {
    texts.add(offset);
  }

  /** Takes a word for a multiset. */
  int takeMultiset(OrderedMultiset.Type type) {
    int offset = take(1);
    multisets.add(offset);
    types.add(type);
    return offset;
  }

  /** Takes a word for an object of Java. */
  int takeObject(ObjectCodec codec) {
    int offset = take(1);
    objects.add(offset);
    codecs.add(codec);
    return offset;
  }

  /** The next offset that will be taken. */
  int end() {
    return countOffset() + 8 * words;
  }

  boolean ownsMemory() {
    return !texts.isEmpty() || !multisets.isEmpty() || !objects.isEmpty();
  }

  RowLayout build(int emittedWords) {
    return new RowLayout(
        keyWords,
        keyTexts,
        words,
        texts.stream().mapToInt(Integer::intValue).toArray(),
        multisets.stream().mapToInt(Integer::intValue).toArray(),
        types.toArray(new OrderedMultiset.Type[0]),
        objects.stream().mapToInt(Integer::intValue).toArray(),
        codecs.toArray(new ObjectCodec[0]),
        emittedWords);
  }
}
