package io.laminardb.core.durable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.IntFunction;

/**
 * Parts of which only what has changed since the checkpoint before is known. Such a part is kept in
 * pieces, one behind the other, until they are merged into one. Nobody changes them, their positions (0) and
 * limits included; whoever made them frees them.
 *
 * @param kept folders, such as {@code query/vwap/0/t1/}: parts in them that are not told of stay as they are
 * @param pieces by the name of the part; each is put behind those that are there. Others than of these
 *     folders are of parts that have gone since
 * @param merged makes one piece of some
 */
public record PartChanges(Set<String> kept, Map<String, ByteBuffer> pieces, Merging merged) {
  private static final char SIGN = '+';
  private static final int DIGITS = 4;
  private static final int NUMBERS = 10_000;

  /** Makes one piece of some. Any thread. */
  @FunctionalInterface
  public interface Merging {
    /**
     * The piece that stands for several.
     *
     * @param pieces the oldest first, from 0 up to their limits
     * @param memory gives as many bytes as it is asked for, for what is answered
     */
    ByteBuffer of(List<ByteBuffer> pieces, IntFunction<ByteBuffer> memory);
  }

  /** How many pieces a part may have. */
  public static final int MOST_PIECES = NUMBERS;

  /** Nothing that is kept in pieces. */
  public static final PartChanges NONE =
      new PartChanges(
          Set.of(),
          Map.of(),
          (pieces, memory) -> {
            throw new IllegalStateException("there are no pieces");
          });

  /** The name under which a piece of a part is kept, from 0 on; names sort in the pieces' order. */
  public static String pieceName(String part, int number) {
    return part + SIGN + Integer.toString(NUMBERS + number).substring(1);
  }

  /** The part of which a piece has this name. */
  public static String partOf(String pieceName) {
    int at = pieceName.length() - DIGITS - 1;
    return at >= 0 && pieceName.charAt(at) == SIGN ? pieceName.substring(0, at) : pieceName;
  }

  /** The pieces of a part among others, in their order. */
  public static <T> SortedMap<String, T> piecesOf(String part, NavigableMap<String, T> all) {
    return all.subMap(part + SIGN, part + (char) (SIGN + 1));
  }

  /** Whether a part stays where it is not told of. */
  public boolean keeps(String part) {
    return kept.contains(part.substring(0, part.lastIndexOf('/') + 1));
  }

  /**
   * These changes and later ones, as one. What is kept is what those say.
   *
   * @param memory for pieces of both
   */
  public PartChanges then(PartChanges later, IntFunction<ByteBuffer> memory) {
    Map<String, ByteBuffer> all = new HashMap<>(later.pieces);
    pieces.forEach(
        (part, piece) ->
            all.merge(
                part, piece, (newer, older) -> later.merged.of(List.of(older, newer), memory)));
    return new PartChanges(later.kept, all, later.merged);
  }
}
