package io.laminardb.bench.nexmark;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.TimeStampMilliVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The events of an auction site, from a seed, as Arrow batches in the order of time. The distributions
 * are those of the Nexmark generator of Apache Beam at its defaults: of 50 events one is a person, three
 * are auctions and 46 are bids; 10,000 events are one second; half of the bids go to a hot auction,
 * three quarters come from a hot bidder, three quarters of the auctions from a hot seller; prices are
 * spread evenly by magnitude; events have 200, 500 and 100 bytes on average.
 */
final class NexmarkEvents implements AutoCloseable {
  /** The tables. */
  enum Table {
    PERSON(
        1,
        "id BIGINT, name VARCHAR, email_address VARCHAR, credit_card VARCHAR, city VARCHAR,"
            + " state VARCHAR, date_time TIMESTAMP, extra VARCHAR"),
    AUCTION(
        3,
        "id BIGINT, item_name VARCHAR, description VARCHAR, initial_bid BIGINT, reserve BIGINT,"
            + " date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT,"
            + " extra VARCHAR"),
    BID(
        46,
        "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,"
            + " date_time TIMESTAMP, extra VARCHAR");

    final int proportion;
    final String columns;

    Table(int proportion, String columns) {
      this.proportion = proportion;
      this.columns = columns;
    }

    String source() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    String ddl() {
      return "CREATE SOURCE " + source() + " (" + columns + ", WATERMARK FOR date_time)";
    }

    Schema schema() {
      List<Field> fields = new ArrayList<>();
      for (String column : columns.split(", ")) {
        String[] words = column.split(" ");
        ArrowType type =
            switch (words[1]) {
              case "BIGINT" -> new ArrowType.Int(64, true);
              case "TIMESTAMP" -> new ArrowType.Timestamp(TimeUnit.MILLISECOND, null);
              default -> new ArrowType.Utf8();
            };
        fields.add(new Field(words[0], FieldType.nullable(type), null));
      }
      return new Schema(fields);
    }
  }

  private static final int EPOCH_EVENTS = 50;
  private static final int EPOCHS_A_BATCH = 89; // 4,094 bids
  private static final int EPOCHS_WITHOUT_BIDS = 1365; // 4,095 auctions
  private static final int EVENTS_A_MILLI = 10;
  private static final long FIRST_ID = 1000;
  private static final long START_MS = 1_436_918_400_000L; // 2015-07-15
  private static final int HOT_AUCTIONS = 100;
  private static final int HOT_PEOPLE = 100;
  private static final int ACTIVE_PEOPLE = 1000;
  private static final int IN_FLIGHT_AUCTIONS = 100;
  private static final int ID_LEAD = 10;
  private static final int CHANNELS = 10_000;
  private static final String[] HOT_CHANNELS = {"Google", "Facebook", "Baidu", "Apple"};
  private static final String[] STATES = {"AZ", "CA", "ID", "OR", "WA", "WY"};
  private static final String[] CITIES = {
    "Phoenix",
    "Los Angeles",
    "San Francisco",
    "Boise",
    "Portland",
    "Bend",
    "Redmond",
    "Seattle",
    "Kent",
    "Cheyenne"
  };
  private static final String[] FIRST_NAMES = {
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"
  };
  private static final String[] LAST_NAMES = {
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"
  };

  /** The rows of one stretch of time. */
  record Slice(VectorSchemaRoot[] roots) {
    VectorSchemaRoot root(Table table) {
      return roots[table.ordinal()];
    }
  }

  private final SplittableRandom random;
  private final BufferAllocator allocator;
  private final List<Slice> slices = new ArrayList<>();
  private final byte[] letters = new byte[1 << 16];
  private final byte[][] channels = new byte[CHANNELS][];
  private final byte[][] urls = new byte[CHANNELS + HOT_CHANNELS.length][];
  private final byte[] text = new byte[1024];
  private final boolean bids;
  private long events;

  /**
   * @param bids false to leave the bids out, and have batches with as many auctions instead
   */
  NexmarkEvents(long atLeast, boolean bids, long seed, BufferAllocator allocator) {
    this.bids = bids;
    this.random = new SplittableRandom(seed);
    this.allocator = allocator;
    for (int i = 0; i < letters.length; i++) {
      letters[i] = (byte) (random.nextInt(13) == 0 ? ' ' : 'a' + random.nextInt(26));
    }
    for (int i = 0; i < urls.length; i++) {
      String path = word(5) + "/" + word(5) + "/" + word(5);
      String url = "https://www.nexmark.com/" + path + "/item.htm?query=1";
      if (i < CHANNELS) {
        channels[i] = bytes("channel-" + i);
        if (random.nextInt(10) > 0) {
          url += "&channel_id=" + Math.abs(Integer.reverse(i));
        }
      }
      urls[i] = bytes(url);
    }
    while (events < atLeast) {
      slices.add(slice());
    }
  }

  /** Rows of a table there are in all. */
  long rows(Table table) {
    return events / EPOCH_EVENTS * table.proportion;
  }

  List<Slice> slices() {
    return slices;
  }

  private Slice slice() {
    VectorSchemaRoot[] roots = new VectorSchemaRoot[Table.values().length];
    for (Table table : Table.values()) {
      roots[table.ordinal()] = VectorSchemaRoot.create(table.schema(), allocator);
    }
    int[] rows = new int[roots.length];
    int epochs = bids ? EPOCHS_A_BATCH : EPOCHS_WITHOUT_BIDS;
    for (int i = 0; i < epochs * EPOCH_EVENTS; i++, events++) {
      Table table = tableOf(events);
      if (table == Table.BID && !bids) {
        continue;
      }
      VectorSchemaRoot root = roots[table.ordinal()];
      int row = rows[table.ordinal()]++;
      switch (table) {
        case PERSON -> person(root, row);
        case AUCTION -> auction(root, row);
        case BID -> bid(root, row);
      }
    }
    for (int i = 0; i < roots.length; i++) {
      roots[i].setRowCount(rows[i]);
    }
    return new Slice(roots);
  }

  private static Table tableOf(long event) {
    long offset = event % EPOCH_EVENTS;
    return offset < Table.PERSON.proportion
        ? Table.PERSON
        : offset < Table.PERSON.proportion + Table.AUCTION.proportion ? Table.AUCTION : Table.BID;
  }

  private static long timeMs(long event) {
    return START_MS + event / EVENTS_A_MILLI;
  }

  // ---- the events

  private void person(VectorSchemaRoot root, int row) {
    put(root, 0, row, lastPerson() + FIRST_ID);
    put(root, 1, row, bytes(any(FIRST_NAMES) + " " + any(LAST_NAMES)));
    put(root, 2, row, bytes(word(7) + "@" + word(5) + ".com"));
    put(root, 3, row, bytes(digits() + " " + digits() + " " + digits() + " " + digits()));
    put(root, 4, row, bytes(any(CITIES)));
    put(root, 5, row, bytes(any(STATES)));
    putTime(root, 6, row, timeMs(events));
    putExtra(root, 7, row, 80, 200);
  }

  private void auction(VectorSchemaRoot root, int row) {
    long initialBid = price();
    put(root, 0, row, lastAuction() + FIRST_ID);
    putLetters(root, 1, row, 3 + random.nextInt(18));
    putLetters(root, 2, row, 3 + random.nextInt(98));
    put(root, 3, row, initialBid);
    put(root, 4, row, initialBid + price());
    putTime(root, 5, row, timeMs(events));
    putTime(root, 6, row, timeMs(events) + auctionMs());
    long seller = random.nextInt(4) > 0 ? lastPerson() / HOT_PEOPLE * HOT_PEOPLE : anyPerson();
    put(root, 7, row, seller + FIRST_ID);
    put(root, 8, row, 10L + random.nextInt(5));
    putExtra(root, 9, row, 8 + 11 + 52 + 6 * 8, 500);
  }

  private void bid(VectorSchemaRoot root, int row) {
    long auction =
        random.nextInt(2) > 0 ? lastAuction() / HOT_AUCTIONS * HOT_AUCTIONS : anyAuction();
    long bidder = random.nextInt(4) > 0 ? lastPerson() / HOT_PEOPLE * HOT_PEOPLE + 1 : anyPerson();
    put(root, 0, row, auction + FIRST_ID);
    put(root, 1, row, bidder + FIRST_ID);
    put(root, 2, row, price());
    if (random.nextInt(2) > 0) {
      int hot = random.nextInt(HOT_CHANNELS.length);
      put(root, 3, row, bytes(HOT_CHANNELS[hot]));
      put(root, 4, row, urls[CHANNELS + hot]);
    } else {
      int channel = random.nextInt(CHANNELS);
      put(root, 3, row, channels[channel]);
      put(root, 4, row, urls[channel]);
    }
    putTime(root, 5, row, timeMs(events));
    putExtra(root, 6, row, 32, 100);
  }

  /** How long an auction takes: on average until as many others have begun as there are at a time. */
  private long auctionMs() {
    long until = events + (long) IN_FLIGHT_AUCTIONS * EPOCH_EVENTS / Table.AUCTION.proportion;
    long horizon = timeMs(until) - timeMs(events);
    return 1 + random.nextLong(Math.max(horizon * 2, 1));
  }

  private long lastPerson() {
    return events / EPOCH_EVENTS;
  }

  private long lastAuction() {
    long epoch = events / EPOCH_EVENTS;
    long offset = events % EPOCH_EVENTS - Table.PERSON.proportion;
    return epoch * Table.AUCTION.proportion
        + (offset < 0 ? -1 : Math.min(offset, Table.AUCTION.proportion - 1));
  }

  private long anyPerson() {
    long people = lastPerson() + 1;
    long active = Math.min(people, ACTIVE_PEOPLE);
    return people - active + random.nextLong(active + ID_LEAD);
  }

  private long anyAuction() {
    long last = lastAuction();
    long first = Math.max(last - IN_FLIGHT_AUCTIONS, 0);
    return first + random.nextLong(last - first + 1 + ID_LEAD);
  }

  private long price() {
    return Math.round(Math.pow(10, random.nextDouble() * 6) * 100);
  }

  // ---- texts

  private String word(int most) {
    int length = 3 + random.nextInt(Math.max(1, most - 2));
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.toString();
  }

  private String digits() {
    return String.valueOf(1000 + random.nextInt(9000));
  }

  private String any(String[] of) {
    return of[random.nextInt(of.length)];
  }

  private static byte[] bytes(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(VectorSchemaRoot root, int column, int row, long value) {
    ((BigIntVector) root.getVector(column)).setSafe(row, value);
  }

  private static void putTime(VectorSchemaRoot root, int column, int row, long ms) {
    ((TimeStampMilliVector) root.getVector(column)).setSafe(row, ms);
  }

  private static void put(VectorSchemaRoot root, int column, int row, byte[] value) {
    ((VarCharVector) root.getVector(column)).setSafe(row, value);
  }

  private void putLetters(VectorSchemaRoot root, int column, int row, int length) {
    System.arraycopy(letters, random.nextInt(letters.length - length), text, 0, length);
    ((VarCharVector) root.getVector(column)).setSafe(row, text, 0, length);
  }

  /** Fills up to the average size of an event, give or take a fifth. */
  private void putExtra(VectorSchemaRoot root, int column, int row, int size, int average) {
    int wanted = average - size;
    int delta = (int) Math.round(wanted * 0.2);
    putLetters(root, column, row, wanted - delta + random.nextInt(Math.max(1, 2 * delta)));
  }

  @Override
  public void close() {
    slices.forEach(
        slice -> {
          for (VectorSchemaRoot root : slice.roots()) {
            root.close();
          }
        });
  }
}
