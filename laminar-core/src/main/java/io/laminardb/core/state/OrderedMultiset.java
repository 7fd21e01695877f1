package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;

/**
 * Ordered multisets in a {@link StateHeap}, for aggregates that must be able to take rows back: what
 * was the least value before the present one? A treap of nodes {@code [left][right][priority][count]
 * [key 16][payload 24]}; a multiset is the address of its root, 0 when it is empty.
 *
 * <p>Counts may be negative for a while, when a retraction overtakes its row; such entries do not
 * show.
 */
public final class OrderedMultiset {
  private static final int LEFT = 0;
  private static final int RIGHT = 8;
  private static final int PRIORITY = 16;
  private static final int COUNT = 24;

  /** Where the two words of an entry's key stand in its node. */
  public static final int KEY = 32;

  /** Where the three words of an entry's payload stand in its node. */
  public static final int PAYLOAD = 48;

  private static final int NODE_BYTES = 72;

  // Of ranked multisets, in the place of the payload: what is known of a node and all under it.
  private static final int SIZE = PAYLOAD;
  private static final int MOST = PAYLOAD + 8;

  /** Is shown the entries of a multiset, in their order. */
  public interface Visitor {
    /**
     * @param node an entry
     * @param count how many copies of it there are, at least 1
     */
    void visit(long node, long count);
  }

  /** What entries are and how they are ordered. */
  public enum Type {
    /** A signed word. */
    WORD,

    /** 128 bits, two's complement: the low word, then the high one. */
    WIDE,

    /** The view of a text; the multiset owns long ones. */
    TEXT,

    /** A time and a sequence number, with a payload of {@code [1 if NULL][plain value 16]}. */
    TIMED,

    /** As {@link #TIMED}; the payload's value is the view of a text, owned by the multiset. */
    TIMED_TEXT,

    /** As {@link #WORD}, without payload; knows the entry of every rank and the most frequent one. */
    RANKED_WORD,

    /** As {@link #WIDE}, ranked. */
    RANKED_WIDE,

    /** As {@link #TEXT}, ranked. */
    RANKED_TEXT;

    private int ownedText() {
      return switch (this) {
        case TEXT, RANKED_TEXT -> KEY;
        case TIMED_TEXT -> PAYLOAD + 8;
        default -> -1;
      };
    }

    private boolean isRanked() {
      return this == RANKED_WORD || this == RANKED_WIDE || this == RANKED_TEXT;
    }

    /**
     * Adds {@code weight} copies of an entry and returns the new root.
     *
     * @param key where the two words of the key lie
     * @param payload where the three words of the payload lie, or 0
     */
    public long add(StateHeap heap, long root, long key, long payload, int weight) {
      long node = find(root, key);
      if (node == 0) {
        return insert(root, create(heap, key, payload, weight));
      }
      long count = Memory.getLong(node + COUNT) + weight;
      Memory.putLong(node + COUNT, count);
      if (count == 0) {
        return remove(heap, root, node);
      }
      if (isRanked()) {
        rankPath(root, node);
      }
      return root;
    }

    /** How many entries show, copies counted; of a ranked multiset. */
    public long size(long node) {
      return node == 0 ? 0 : Memory.getLong(node + SIZE);
    }

    /** The entry at a rank, from 0 to below {@link #size}, in a ranked multiset. */
    public long atRank(long root, long rank) {
      long node = root;
      long rest = rank;
      while (true) {
        long left = Memory.getLong(node + LEFT);
        long before = size(left);
        if (rest < before) {
          node = left;
          continue;
        }
        rest -= before;
        long count = shown(node);
        if (rest < count) {
          return node;
        }
        rest -= count;
        node = Memory.getLong(node + RIGHT);
      }
    }

    /**
     * The entry with the most copies, of several the first one or the last; 0 where none shows. In a
     * ranked multiset.
     */
    public long mostFrequent(long root, boolean lastOfThem) {
      long most = most(root);
      if (most == 0) {
        return 0;
      }
      int near = lastOfThem ? RIGHT : LEFT;
      int far = lastOfThem ? LEFT : RIGHT;
      long node = root;
      while (true) {
        long side = Memory.getLong(node + near);
        if (most(side) == most) {
          node = side;
        } else if (Memory.getLong(node + COUNT) == most) {
          return node;
        } else {
          node = Memory.getLong(node + far);
        }
      }
    }

    private static long most(long node) {
      return node == 0 ? 0 : Memory.getLong(node + MOST);
    }

    private static long shown(long node) {
      return Math.max(0, Memory.getLong(node + COUNT));
    }

    /** Says what is known of a ranked node and all under it, which know it of themselves. */
    private void rank(long node) {
      long left = Memory.getLong(node + LEFT);
      long right = Memory.getLong(node + RIGHT);
      long count = shown(node);
      Memory.putLong(node + SIZE, size(left) + count + size(right));
      Memory.putLong(node + MOST, Math.max(count, Math.max(most(left), most(right))));
    }

    /** As {@link #rank} of a node and all above it. */
    private void rankPath(long root, long node) {
      if (root != node) {
        rankPath(Memory.getLong(root + side(node, root)), node);
      }
      rank(root);
    }

    /** As {@link #rank} of a node and all that are reached from it by going to one side. */
    private void rankSide(long node, int side) {
      if (node != 0) {
        rankSide(Memory.getLong(node + side), side);
        rank(node);
      }
    }

    /** The side of {@code root} on which another node lies. */
    private int side(long node, long root) {
      return compare(node + KEY, root + KEY) < 0 ? LEFT : RIGHT;
    }

    /** Shows all entries whose count is positive, in order. */
    public void forEach(long node, Visitor visitor) {
      if (node != 0) {
        forEach(Memory.getLong(node + LEFT), visitor);
        long count = Memory.getLong(node + COUNT);
        if (count > 0) {
          visitor.visit(node, count);
        }
        forEach(Memory.getLong(node + RIGHT), visitor);
      }
    }

    /** The first entry whose count is positive, or 0. */
    public long first(long node) {
      if (node == 0) {
        return 0;
      }
      long first = first(Memory.getLong(node + LEFT));
      if (first != 0) {
        return first;
      }
      return Memory.getLong(node + COUNT) > 0 ? node : first(Memory.getLong(node + RIGHT));
    }

    /** The last entry whose count is positive, or 0. */
    public long last(long node) {
      if (node == 0) {
        return 0;
      }
      long last = last(Memory.getLong(node + RIGHT));
      if (last != 0) {
        return last;
      }
      return Memory.getLong(node + COUNT) > 0 ? node : last(Memory.getLong(node + LEFT));
    }

    /** Of timed entries, the last one at or before a time; or 0. */
    public long floorTimed(long root, long time) {
      long best = 0;
      long node = root;
      while (node != 0) {
        boolean fits = Memory.getLong(node + KEY) <= time;
        best = fits ? node : best;
        node = Memory.getLong(node + (fits ? RIGHT : LEFT));
      }
      return best;
    }

    /** Of timed entries, the first one at or behind a time and sequence number; or 0. */
    public long ceilingTimed(long root, long time, long sequence) {
      long best = 0;
      long node = root;
      while (node != 0) {
        long nodeTime = Memory.getLong(node + KEY);
        boolean fits =
            nodeTime > time || (nodeTime == time && Memory.getLong(node + KEY + 8) >= sequence);
        best = fits ? node : best;
        node = Memory.getLong(node + (fits ? LEFT : RIGHT));
      }
      return best;
    }

    /** Of timed entries, the earliest of this time and payload; or 0. */
    public long findTimed(long node, long time, long payload) {
      if (node == 0) {
        return 0;
      }
      long nodeTime = Memory.getLong(node + KEY);
      if (time <= nodeTime) {
        long found = findTimed(Memory.getLong(node + LEFT), time, payload);
        if (found != 0) {
          return found;
        }
        if (time == nodeTime && samePayload(node + PAYLOAD, payload)) {
          return node;
        }
      }
      return time >= nodeTime ? findTimed(Memory.getLong(node + RIGHT), time, payload) : 0;
    }

    private boolean samePayload(long payload, long other) {
      return Memory.getLong(payload) == Memory.getLong(other)
          && (this == TIMED_TEXT
              ? Keys.sameText(
                  Memory.getLong(payload + 8),
                  Memory.getLong(payload + 16),
                  Memory.getLong(other + 8),
                  Memory.getLong(other + 16))
              : Memory.getLong(payload + 8) == Memory.getLong(other + 8)
                  && Memory.getLong(payload + 16) == Memory.getLong(other + 16));
    }

    /** Takes {@code node} out of the multiset, frees it and returns the new root. */
    public long remove(StateHeap heap, long root, long node) {
      if (root == node) {
        long joined = join(Memory.getLong(node + LEFT), Memory.getLong(node + RIGHT));
        free(heap, node);
        return joined;
      }
      int side = side(node, root);
      Memory.putLong(root + side, remove(heap, Memory.getLong(root + side), node));
      if (isRanked()) {
        rank(root);
      }
      return root;
    }

    /** Adds all entries of another multiset and returns the new root; the other one stays as it is. */
    public long addAll(StateHeap heap, long root, long other) {
      if (other == 0) {
        return root;
      }
      long result = addAll(heap, root, Memory.getLong(other + LEFT));
      int count = (int) Memory.getLong(other + COUNT);
      result = add(heap, result, other + KEY, other + PAYLOAD, count);
      return addAll(heap, result, Memory.getLong(other + RIGHT));
    }

    /** Frees all entries. */
    public void clear(StateHeap heap, long node) {
      if (node != 0) {
        clear(heap, Memory.getLong(node + LEFT));
        clear(heap, Memory.getLong(node + RIGHT));
        free(heap, node);
      }
    }

    void write(long root, StateWriter writer) {
      writer.putInt(entries(root));
      writeEntries(root, writer);
    }

    long read(StateHeap heap, StateReader reader) {
      long root = 0;
      for (int count = reader.getInt(); count > 0; count--) {
        long node = heap.allocate(NODE_BYTES);
        Memory.putLong(node + PRIORITY, reader.getLong());
        Memory.putLong(node + COUNT, reader.getLong());
        reader.getBytes(node + KEY, NODE_BYTES - KEY);
        if (ownedText() >= 0) {
          RowLayout.readText(node + ownedText(), heap, reader);
        }
        root = insert(root, node);
      }
      return root;
    }

    private int entries(long node) {
      return node == 0
          ? 0
          : 1 + entries(Memory.getLong(node + LEFT)) + entries(Memory.getLong(node + RIGHT));
    }

    private void writeEntries(long node, StateWriter writer) {
      if (node != 0) {
        writeEntries(Memory.getLong(node + LEFT), writer);
        writer.putLong(Memory.getLong(node + PRIORITY));
        writer.putLong(Memory.getLong(node + COUNT));
        writer.putBytes(node + KEY, NODE_BYTES - KEY);
        if (ownedText() >= 0) {
          RowLayout.writeText(node + ownedText(), writer);
        }
        writeEntries(Memory.getLong(node + RIGHT), writer);
      }
    }

    private long find(long root, long key) {
      long node = root;
      while (node != 0) {
        int order = compare(key, node + KEY);
        if (order == 0) {
          return node;
        }
        node = Memory.getLong(node + (order < 0 ? LEFT : RIGHT));
      }
      return 0;
    }

    private long create(StateHeap heap, long key, long payload, int weight) {
      long node = heap.allocate(NODE_BYTES);
      Memory.putLong(node + COUNT, weight);
      Memory.putLong(node + KEY, Memory.getLong(key));
      Memory.putLong(node + KEY + 8, Memory.getLong(key + 8));
      for (int i = 0; i < 24; i += 8) {
        Memory.putLong(node + PAYLOAD + i, payload == 0 ? 0 : Memory.getLong(payload + i));
      }
      // Any spread of priorities balances the tree; results do not depend on them.
      Memory.putLong(node + PRIORITY, Keys.finish(Keys.mix(Keys.SEED, node)));
      int text = ownedText();
      if (text >= 0 && Keys.isLong(Memory.getLong(node + text))) {
        try {
          int length = Memory.getInt(node + text);
          Memory.putLong(node + text + 8, heap.copy(Memory.getLong(node + text + 8), length));
        } catch (RuntimeException e) {
          heap.free(node, NODE_BYTES);
          throw e;
        }
      }
      return node;
    }

    private void free(StateHeap heap, long node) {
      int text = ownedText();
      if (text >= 0 && Keys.isLong(Memory.getLong(node + text))) {
        heap.free(Memory.getLong(node + text + 8), Memory.getInt(node + text));
      }
      heap.free(node, NODE_BYTES);
    }

    private long insert(long root, long node) {
      if (root == 0) {
        Memory.putLong(node + LEFT, 0);
        Memory.putLong(node + RIGHT, 0);
        if (isRanked()) {
          rank(node);
        }
        return node;
      }
      if (Memory.getLong(node + PRIORITY) > Memory.getLong(root + PRIORITY)) {
        split(root, node);
        if (isRanked()) {
          rankSide(Memory.getLong(node + LEFT), RIGHT);
          rankSide(Memory.getLong(node + RIGHT), LEFT);
          rank(node);
        }
        return node;
      }
      int side = side(node, root);
      Memory.putLong(root + side, insert(Memory.getLong(root + side), node));
      if (isRanked()) {
        rank(root);
      }
      return root;
    }

    /** Hangs the entries before and behind {@code node} under it; its key is not among them. */
    private void split(long root, long node) {
      long before = node + LEFT; // where the next tree of smaller entries goes
      long behind = node + RIGHT;
      long rest = root;
      while (rest != 0) {
        if (compare(rest + KEY, node + KEY) < 0) {
          Memory.putLong(before, rest);
          before = rest + RIGHT;
          rest = Memory.getLong(before);
        } else {
          Memory.putLong(behind, rest);
          behind = rest + LEFT;
          rest = Memory.getLong(behind);
        }
      }
      Memory.putLong(before, 0);
      Memory.putLong(behind, 0);
    }

    private long join(long left, long right) {
      if (left == 0) {
        return right;
      }
      if (right == 0) {
        return left;
      }
      if (Memory.getLong(left + PRIORITY) > Memory.getLong(right + PRIORITY)) {
        Memory.putLong(left + RIGHT, join(Memory.getLong(left + RIGHT), right));
        if (isRanked()) {
          rank(left);
        }
        return left;
      }
      Memory.putLong(right + LEFT, join(left, Memory.getLong(right + LEFT)));
      if (isRanked()) {
        rank(right);
      }
      return right;
    }

    private int compare(long key, long other) {
      return switch (this) {
        case WORD, RANKED_WORD -> Long.compare(Memory.getLong(key), Memory.getLong(other));
        case WIDE, RANKED_WIDE -> {
          int high = Long.compare(Memory.getLong(key + 8), Memory.getLong(other + 8));
          yield high != 0 ? high : Long.compareUnsigned(Memory.getLong(key), Memory.getLong(other));
        }
        case TEXT, RANKED_TEXT -> Keys.compareTexts(key, other);
        case TIMED, TIMED_TEXT -> {
          int time = Long.compare(Memory.getLong(key), Memory.getLong(other));
          yield time != 0 ? time : Long.compare(Memory.getLong(key + 8), Memory.getLong(other + 8));
        }
      };
    }
  }

  private OrderedMultiset() {}
}
