package io.laminardb.core.state;

import io.laminardb.core.memory.NativeArena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Records of a table's places as they were copied, in any order, off the heap. One thread at a time. */
final class PlaceRecords {
  private static final int SECTION_HEADER = 8;
  private static final int FIRST_BLOCK_BYTES = 1 << 10;
  private static final int LARGEST_BLOCK_BYTES = 64 << 10;

  private final NativeArena memory;
  private final StateWriter scratch;
  private final List<ByteBuffer> blocks =
      new ArrayList<>(); // of whole records, up to their positions

  /**
   * @param memory holds the records; not reset as long as these are used
   * @param scratch for one record at a time; may be shared with others of the same thread
   */
  PlaceRecords(NativeArena memory, StateWriter scratch) {
    this.memory = memory;
    this.scratch = scratch;
  }

  /** Adds the record of a place; where that fails, nothing. */
  void add(KeyedTable table, long row, int place) {
    scratch.cutTo(0);
    TablePages.writeRecord(table, row, place, scratch);
    scratch.moveTo(room(scratch.sectionBytes()));
  }

  /** Puts sections of records before all others; where a place has several, the last one counts. */
  void addFirst(List<byte[]> sections) {
    List<ByteBuffer> first = new ArrayList<>();
    for (byte[] section : sections) {
      ByteBuffer records =
          ByteBuffer.wrap(section, SECTION_HEADER, section.length - SECTION_HEADER).slice();
      first.add(records.position(records.limit()));
    }
    blocks.addAll(0, first);
  }

  private ByteBuffer room(int bytes) {
    int last = blocks.size() - 1;
    if (last >= 0 && blocks.get(last).remaining() >= bytes) {
      return blocks.get(last);
    }
    int wanted = last < 0 ? FIRST_BLOCK_BYTES : 2 * blocks.get(last).capacity();
    ByteBuffer block = memory.allocate(Math.max(bytes, Math.min(wanted, LARGEST_BLOCK_BYTES)));
    blocks.add(block);
    return block;
  }

  /**
   * Gives a piece of each page that there are records of.
   *
   * @param number of the table
   * @param pagePlaces places of a page
   * @param pieces is to hold them
   * @param each gets a piece and the number of its page
   */
  void pieces(long number, int pagePlaces, NativeArena pieces, ObjIntConsumer<ByteBuffer> each) {
    int[] lengths = pageLengths(pagePlaces);
    ByteBuffer[] pages = new ByteBuffer[lengths.length];
    for (int page = 0; page < pages.length; page++) {
      if (lengths[page] > 0) {
        pages[page] = TablePages.newPage(number, lengths[page], pieces::allocate);
      }
    }
    for (ByteBuffer block : blocks) {
      for (int at = 0; at < block.position(); at = TablePages.behind(block, at)) {
        TablePages.append(block, at, pages[TablePages.placeAt(block, at) / pagePlaces]);
      }
    }
    for (int page = 0; page < pages.length; page++) {
      if (pages[page] != null) {
        each.accept(pages[page].flip(), page);
      }
    }
  }

  /** Bytes of the records of each page. */
  private int[] pageLengths(int pagePlaces) {
    int[] lengths = new int[16];
    int count = 0;
    for (ByteBuffer block : blocks) {
      int behind;
      for (int at = 0; at < block.position(); at = behind) {
        behind = TablePages.behind(block, at);
        int page = TablePages.placeAt(block, at) / pagePlaces;
        if (page >= lengths.length) {
          lengths = Arrays.copyOf(lengths, Math.max(page + 1, 2 * lengths.length));
        }
        lengths[page] = Math.addExact(lengths[page], behind - at);
        count = Math.max(count, page + 1);
      }
    }
    return Arrays.copyOf(lengths, count);
  }
}
