package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;

/**
 * What the words of a row of state mean: {@code [hash][key words][count][accumulators]}, 8 bytes each.
 * The count is that of the rows that make up the group. Immutable.
 */
public final class RowLayout {
  /** Where the key begins. */
  public static final int KEY_OFFSET = 8;

  private final int keyWords;
  private final int[] keyTexts;
  private final int stateWords;
  private final int[] stateTexts;
  private final int[] multisets;
  private final OrderedMultiset.Type[] multisetTypes;
  private final int[] objects;
  private final ObjectCodec[] objectCodecs;
  private final Attachment attachment; // null where nothing else hangs on rows
  private final int rowBytes;
  private final int emittedOffset;

  /**
   * @param keyWords words of the key
   * @param keyTexts which words of the key begin the view of a text, from 0
   * @param stateWords words behind the key, the count first
   * @param stateTexts offsets in bytes, from the row's start, of views in the state whose long texts
   *     the row owns; all zeros where there is none yet
   * @param multisets offsets in bytes, from the row's start, of multisets
   * @param multisetTypes what they hold
   * @param emittedWords how many of the last words are not the group's state but what was said of it;
   *     they outlast {@link #release}
   */
  public RowLayout(
      int keyWords,
      int[] keyTexts,
      int stateWords,
      int[] stateTexts,
      int[] multisets,
      OrderedMultiset.Type[] multisetTypes,
      int emittedWords) {
    this(
        keyWords,
        keyTexts,
        stateWords,
        stateTexts,
        multisets,
        multisetTypes,
        new int[0],
        new ObjectCodec[0],
        emittedWords);
  }

  /**
   * As above, with objects of Java.
   *
   * @param objects offsets in bytes, from the row's start, of words that stand for objects
   * @param objectCodecs what brings them to bytes
   */
  public RowLayout(
      int keyWords,
      int[] keyTexts,
      int stateWords,
      int[] stateTexts,
      int[] multisets,
      OrderedMultiset.Type[] multisetTypes,
      int[] objects,
      ObjectCodec[] objectCodecs,
      int emittedWords) {
    this(
        keyWords,
        keyTexts,
        stateWords,
        stateTexts,
        multisets,
        multisetTypes,
        objects,
        objectCodecs,
        null,
        emittedWords);
  }

  private RowLayout(
      int keyWords,
      int[] keyTexts,
      int stateWords,
      int[] stateTexts,
      int[] multisets,
      OrderedMultiset.Type[] multisetTypes,
      int[] objects,
      ObjectCodec[] objectCodecs,
      Attachment attachment,
      int emittedWords) {
    if (stateWords < 1 || multisets.length != multisetTypes.length) {
      throw new IllegalArgumentException("a row of state needs its count");
    }
    this.keyWords = keyWords;
    this.keyTexts = keyTexts.clone();
    this.stateWords = stateWords;
    this.stateTexts = stateTexts.clone();
    this.multisets = multisets.clone();
    this.multisetTypes = multisetTypes.clone();
    this.objects = objects.clone();
    this.objectCodecs = objectCodecs.clone();
    this.attachment = attachment;
    this.rowBytes = 8 * (1 + keyWords + stateWords);
    this.emittedOffset = rowBytes - 8 * emittedWords;
  }

  /** A layout of a key and {@code stateWords} plain words. */
  public static RowLayout plain(int keyWords, int[] keyTexts, int stateWords) {
    return new RowLayout(
        keyWords, keyTexts, stateWords, new int[0], new int[0], new OrderedMultiset.Type[0], 0);
  }

  /** The same of rows that something hangs on, which is of one table then. */
  public RowLayout with(Attachment newAttachment) {
    return new RowLayout(
        keyWords,
        keyTexts,
        stateWords,
        stateTexts,
        multisets,
        multisetTypes,
        objects,
        objectCodecs,
        newAttachment,
        (rowBytes - emittedOffset) / 8);
  }

  public int keyWords() {
    return keyWords;
  }

  int[] keyTexts() {
    return keyTexts;
  }

  /** Where the count stands, and behind it the rest of the state. */
  public int countOffset() {
    return KEY_OFFSET + 8 * keyWords;
  }

  public int rowBytes() {
    return rowBytes;
  }

  /** Whether the state refers to memory outside of the row. */
  public boolean ownsMemory() {
    return stateTexts.length > 0
        || multisets.length > 0
        || objects.length > 0
        || attachment != null;
  }

  /** Where the words begin that tell what was emitted of the group; the row's end without any. */
  public int emittedOffset() {
    return emittedOffset;
  }

  /** The rows that make up the group. */
  public long count(long row) {
    return Memory.getLong(row + KEY_OFFSET + 8L * keyWords);
  }

  /** Sets the state of a row to that of a new group, without freeing anything. */
  public void zero(long row) {
    zero(row, rowBytes);
  }

  private void zero(long row, int end) {
    for (int offset = countOffset(); offset < end; offset += 8) {
      Memory.putLong(row + offset, 0);
    }
  }

  /** The hash of the words of a row's key from {@code fromWord} on, unfinished; {@code hash} first. */
  public long hashKey(long row, int fromWord, long hash) {
    long mixed = hash;
    int text = 0;
    for (int word = fromWord; word < keyWords; word++) {
      while (text < keyTexts.length && keyTexts[text] < word) {
        text++;
      }
      long at = row + KEY_OFFSET + 8L * word;
      if (text < keyTexts.length && keyTexts[text] == word) {
        mixed = Keys.mixText(mixed, Memory.getLong(at), Memory.getLong(at + 8));
        word++; // the view's second word
      } else {
        mixed = Keys.mix(mixed, Memory.getLong(at));
      }
    }
    return mixed;
  }

  /** Whether two rows have one key, the long way: long texts of it are compared byte by byte. */
  boolean sameKey(long row, long source) {
    int text = 0;
    int[] texts = keyTexts;
    for (int word = 0; word < keyWords; word++) {
      long at = KEY_OFFSET + ((long) word << 3);
      if (text < texts.length && texts[text] == word) {
        text++;
        word++;
        if (!Keys.sameText(
            Memory.getLong(row + at),
            Memory.getLong(row + at + 8),
            Memory.getLong(source + at),
            Memory.getLong(source + at + 8))) {
          return false;
        }
      } else if (Memory.getLong(row + at) != Memory.getLong(source + at)) {
        return false;
      }
    }
    return true;
  }

  /** Frees what the state of a row refers to, and sets it to that of a new group. */
  public void release(long row, StateHeap heap) {
    for (int offset : stateTexts) {
      if (offset < emittedOffset) {
        freeText(row + offset, heap);
      }
    }
    for (int i = 0; i < multisets.length; i++) {
      multisetTypes[i].clear(heap, Memory.getLong(row + multisets[i]));
    }
    for (int offset : objects) {
      heap.freeObject(Memory.getLong(row + offset));
    }
    if (attachment != null) {
      attachment.free(row);
    }
    zero(row, emittedOffset);
  }

  /** Frees all that a row refers to, what was emitted too; the row means nothing then. */
  void free(long row, StateHeap heap) {
    freeKeyTexts(row, heap);
    release(row, heap);
    for (int offset : stateTexts) {
      if (offset >= emittedOffset) {
        freeText(row + offset, heap);
      }
    }
  }

  /** Gives the row texts of its own for those it borrows in its key. */
  void ownKeyTexts(long row, StateHeap heap) {
    for (int i = 0; i < keyTexts.length; i++) {
      long view = row + KEY_OFFSET + 8L * keyTexts[i];
      int length = Memory.getInt(view);
      if (length > Keys.INLINE_BYTES) {
        try {
          Memory.putLong(view + 8, heap.copy(Memory.getLong(view + 8), length));
        } catch (RuntimeException e) {
          for (int j = 0; j < i; j++) {
            freeText(row + KEY_OFFSET + 8L * keyTexts[j], heap);
          }
          throw e;
        }
      }
    }
  }

  void freeKeyTexts(long row, StateHeap heap) {
    for (int word : keyTexts) {
      freeText(row + KEY_OFFSET + 8L * word, heap);
    }
  }

  private static void freeText(long view, StateHeap heap) {
    int length = Memory.getInt(view);
    if (length > Keys.INLINE_BYTES) {
      heap.free(Memory.getLong(view + 8), length);
    }
  }

  /** Writes a row with everything it refers to. */
  void write(long row, StateHeap heap, StateWriter writer) {
    writer.putBytes(row, rowBytes);
    writeReferences(row, heap, writer);
  }

  /** Whether a row refers to anything outside of it. */
  boolean hasReferences() {
    return keyTexts.length > 0 || ownsMemory();
  }

  /** Writes what a row refers to. */
  void writeReferences(long row, StateHeap heap, StateWriter writer) {
    for (int word : keyTexts) {
      writeText(row + KEY_OFFSET + 8L * word, writer);
    }
    for (int offset : stateTexts) {
      writeText(row + offset, writer);
    }
    for (int i = 0; i < multisets.length; i++) {
      multisetTypes[i].write(Memory.getLong(row + multisets[i]), writer);
    }
    for (int i = 0; i < objects.length; i++) {
      Object object = heap.object(Memory.getLong(row + objects[i]));
      byte[] bytes = object == null ? new byte[0] : objectCodecs[i].write(object);
      writer.putInt(bytes.length);
      writer.putBytes(bytes);
    }
    if (attachment != null) {
      attachment.write(row, writer);
    }
  }

  /** Reads what {@link #write} wrote, to {@code row}. */
  void read(long row, StateHeap heap, StateReader reader) {
    reader.getBytes(row, rowBytes);
    readReferences(row, heap, reader);
  }

  /** Reads what {@link #writeReferences} wrote, for a row that is there. */
  void readReferences(long row, StateHeap heap, StateReader reader) {
    for (int word : keyTexts) {
      readText(row + KEY_OFFSET + 8L * word, heap, reader);
    }
    for (int offset : stateTexts) {
      readText(row + offset, heap, reader);
    }
    for (int i = 0; i < multisets.length; i++) {
      Memory.putLong(row + multisets[i], multisetTypes[i].read(heap, reader));
    }
    for (int i = 0; i < objects.length; i++) {
      byte[] bytes = reader.getBytes(reader.getInt());
      Memory.putLong(
          row + objects[i], bytes.length == 0 ? 0 : heap.putObject(objectCodecs[i].read(bytes)));
    }
    if (attachment != null) {
      attachment.read(row, reader);
    }
  }

  static void writeText(long view, StateWriter writer) {
    int length = Memory.getInt(view);
    if (length > Keys.INLINE_BYTES) {
      writer.putBytes(Memory.getLong(view + 8), length);
    }
  }

  static void readText(long view, StateHeap heap, StateReader reader) {
    int length = Memory.getInt(view);
    if (length > Keys.INLINE_BYTES) {
      long text = heap.allocate(length);
      reader.getBytes(text, length);
      Memory.putLong(view + 8, text);
    }
  }

  @Override
  public String toString() {
    return "key "
        + keyWords
        + Arrays.toString(keyTexts)
        + " state "
        + stateWords
        + Arrays.toString(stateTexts)
        + Arrays.toString(multisets)
        + Arrays.toString(multisetTypes)
        + Arrays.toString(objects);
  }
}
