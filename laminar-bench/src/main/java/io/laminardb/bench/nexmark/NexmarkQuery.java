package io.laminardb.bench.nexmark;

import static io.laminardb.bench.nexmark.NexmarkEvents.Table.AUCTION;
import static io.laminardb.bench.nexmark.NexmarkEvents.Table.BID;
import static io.laminardb.bench.nexmark.NexmarkEvents.Table.PERSON;

import io.laminardb.bench.nexmark.NexmarkEvents.Table;
import java.util.List;

/**
 * The queries of Nexmark in our SQL. Where the original waits for a clock (q12) or writes files (q10)
 * the query is what can be answered again from the same events.
 */
enum NexmarkQuery {
  /** Pass-through. */
  Q0(10, "SELECT auction, bidder, price, date_time, extra FROM bid", BID),

  /** Currency conversion. */
  Q1(10, "SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid", BID),

  /** Selection. */
  Q2(10, "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0", BID),

  /** Local item suggestion. */
  Q3(
      1,
      "SELECT P.name, P.city, P.state, A.id FROM auction AS A JOIN person AS P ON A.seller = P.id"
          + " WHERE A.category = 10 AND (P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA')",
      AUCTION,
      PERSON),

  /** Average price for a category. */
  Q4(
      1,
      "SELECT Q.category, AVG(Q.final_price) AS price FROM (SELECT MAX(B.price) AS final_price,"
          + " A.category FROM auction A JOIN bid B ON A.id = B.auction"
          + " AND B.date_time BETWEEN A.date_time AND A.expires GROUP BY A.id, A.category) Q"
          + " GROUP BY Q.category",
      AUCTION,
      BID),

  /** Hot items. */
  Q5(
      5,
      "SELECT N.auction, N.num FROM"
          + " (SELECT auction, COUNT(*) AS num, window_start AS starttime, window_end AS endtime"
          + " FROM bid GROUP BY auction, HOP(date_time, INTERVAL '10' SECOND, INTERVAL '2' SECOND)) N"
          + " JOIN (SELECT MAX(num) AS maxn, starttime, endtime FROM"
          + " (SELECT COUNT(*) AS num, window_start AS starttime, window_end AS endtime"
          + " FROM bid GROUP BY auction, HOP(date_time, INTERVAL '10' SECOND, INTERVAL '2' SECOND))"
          + " GROUP BY starttime, endtime) M"
          + " ON N.starttime = M.starttime AND N.endtime = M.endtime AND N.num >= M.maxn",
      BID),

  /** Average selling price by seller. */
  Q6(
      1,
      "SELECT Q.seller, AVG(Q.final_price) OVER (PARTITION BY Q.seller ORDER BY Q.date_time, Q.id"
          + " ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS price FROM"
          + " (SELECT A.id, A.seller, B.price AS final_price, B.date_time, ROW_NUMBER() OVER"
          + " (PARTITION BY A.id ORDER BY B.price DESC, B.date_time) AS rank_number"
          + " FROM auction A JOIN bid B ON A.id = B.auction"
          + " AND B.date_time BETWEEN A.date_time AND A.expires) Q WHERE Q.rank_number <= 1",
      AUCTION,
      BID),

  /** Highest bid. */
  Q7(
      5,
      "SELECT B.auction, B.price, B.bidder, B.date_time FROM bid B JOIN"
          + " (SELECT MAX(price) AS maxprice, window_end AS wend FROM bid"
          + " GROUP BY TUMBLE(date_time, INTERVAL '10' SECOND)) B1 ON B.price = B1.maxprice"
          + " WHERE B.date_time BETWEEN B1.wend - INTERVAL '10' SECOND AND B1.wend",
      BID),

  /** Monitor new users. */
  Q8(
      5,
      "SELECT P.id, P.name, P.starttime FROM"
          + " (SELECT id, name, window_start AS starttime, window_end AS endtime FROM person"
          + " GROUP BY id, name, TUMBLE(date_time, INTERVAL '10' SECOND)) P"
          + " JOIN (SELECT seller, window_start AS starttime, window_end AS endtime FROM auction"
          + " GROUP BY seller, TUMBLE(date_time, INTERVAL '10' SECOND)) A"
          + " ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime",
      PERSON,
      AUCTION),

  /** Winning bids. */
  Q9(
      1,
      "SELECT id, item_name, description, initial_bid, reserve, date_time, expires, seller,"
          + " category, auction, bidder, price, bid_date_time FROM"
          + " (SELECT A.id, A.item_name, A.description, A.initial_bid, A.reserve, A.date_time,"
          + " A.expires, A.seller, A.category, B.auction, B.bidder, B.price,"
          + " B.date_time AS bid_date_time, ROW_NUMBER() OVER (PARTITION BY A.id"
          + " ORDER BY B.price DESC, B.date_time ASC) AS rownum FROM auction A JOIN bid B"
          + " ON A.id = B.auction AND B.date_time BETWEEN A.date_time AND A.expires) t"
          + " WHERE rownum <= 1",
      AUCTION,
      BID),

  /** What the file system gets. */
  Q10(
      1,
      "SELECT auction, bidder, price, date_time, extra, to_char(date_time, 'YYYY-MM-DD') AS dt,"
          + " to_char(date_time, 'HH:MI') AS hm FROM bid",
      BID),

  /** User sessions. */
  Q11(
      1,
      "SELECT bidder, COUNT(*) AS bid_count, window_start AS starttime, window_end AS endtime"
          + " FROM bid GROUP BY bidder, SESSION(date_time, INTERVAL '10' SECOND)",
      BID),

  /** Bids of users in windows, by event time. */
  Q12(
      1,
      "SELECT bidder, COUNT(*) AS bid_count, window_start AS starttime, window_end AS endtime"
          + " FROM bid GROUP BY bidder, TUMBLE(date_time, INTERVAL '10' SECOND)",
      BID),

  /** Bids with what a table says of their auction. */
  Q13(
      1,
      "SELECT B.auction, B.bidder, B.price, B.date_time, S.note FROM"
          + " (SELECT *, MOD(auction, 10000) AS side_key FROM bid) B"
          + " JOIN side FOR SYSTEM_TIME AS OF PROCTIME() AS S ON B.side_key = S.side_key",
      BID),

  /** Calculation. */
  Q14(
      1,
      "SELECT auction, bidder, 0.908 * price AS price, CASE"
          + " WHEN EXTRACT(HOUR FROM date_time) >= 8 AND EXTRACT(HOUR FROM date_time) <= 18"
          + " THEN 'dayTime' WHEN EXTRACT(HOUR FROM date_time) <= 6"
          + " OR EXTRACT(HOUR FROM date_time) >= 20 THEN 'nightTime' ELSE 'otherTime' END"
          + " AS bid_time_type, date_time, extra,"
          + " LENGTH(extra) - LENGTH(REPLACE(extra, 'c', '')) AS c_counts FROM bid"
          + " WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000",
      BID),

  /** Bidding statistics. */
  Q15(1, "SELECT to_char(date_time, 'YYYY-MM-DD') AS dt, " + Counts.ALL + " GROUP BY 1", BID),

  /** Channel statistics. */
  Q16(
      1,
      "SELECT channel, to_char(date_time, 'YYYY-MM-DD') AS dt,"
          + " MAX(to_char(date_time, 'HH:mm')) AS hm, "
          + Counts.ALL
          + " GROUP BY 1, 2",
      BID),

  /** Auction statistics. */
  Q17(
      1,
      "SELECT auction, to_char(date_time, 'YYYY-MM-DD') AS dt, COUNT(*) AS total_bids,"
          + " COUNT(*) FILTER (WHERE price < 10000) AS rank1_bids,"
          + " COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids,"
          + " COUNT(*) FILTER (WHERE price >= 1000000) AS rank3_bids, MIN(price) AS min_price,"
          + " MAX(price) AS max_price, AVG(price) AS avg_price, SUM(price) AS sum_price"
          + " FROM bid GROUP BY 1, 2",
      BID),

  /** The last bid of each user and auction. */
  Q18(
      1,
      "SELECT auction, bidder, price, channel, url, date_time, extra FROM (SELECT *,"
          + " ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC)"
          + " AS rank_number FROM bid) WHERE rank_number <= 1",
      BID),

  /** The ten highest bids of each auction. */
  Q19(
      1,
      "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC)"
          + " AS rank_number FROM bid) WHERE rank_number <= 10",
      BID),

  /** Bids expanded with their auctions. */
  Q20(
      1,
      "SELECT B.auction, B.bidder, B.price, B.channel, B.url, B.date_time AS bid_date_time,"
          + " B.extra AS bid_extra, A.item_name, A.description, A.initial_bid, A.reserve,"
          + " A.date_time AS auction_date_time, A.expires, A.seller, A.category,"
          + " A.extra AS auction_extra FROM bid AS B JOIN auction AS A ON B.auction = A.id"
          + " WHERE A.category = 10",
      BID,
      AUCTION),

  /** Channel ids. */
  Q21(
      1,
      "SELECT auction, bidder, price, channel, CASE WHEN LOWER(channel) = 'apple' THEN '0'"
          + " WHEN LOWER(channel) = 'google' THEN '1' WHEN LOWER(channel) = 'facebook' THEN '2'"
          + " WHEN LOWER(channel) = 'baidu' THEN '3'"
          + " ELSE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id FROM bid"
          + " WHERE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) <> ''"
          + " OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')",
      BID),

  /** Folders of URLs. */
  Q22(
      1,
      "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1,"
          + " split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid",
      BID);

  /** What q15 and q16 count. */
  private static final class Counts {
    static final String ALL =
        "COUNT(*) AS total_bids,"
            + ranked("COUNT(*)", "bids")
            + ", COUNT(DISTINCT bidder) AS total_bidders,"
            + ranked("COUNT(DISTINCT bidder)", "bidders")
            + ", COUNT(DISTINCT auction) AS total_auctions,"
            + ranked("COUNT(DISTINCT auction)", "auctions")
            + " FROM bid";

    private Counts() {}

    private static String ranked(String count, String what) {
      return " %1$s FILTER (WHERE price < 10000) AS rank1_%2$s,".formatted(count, what)
          + " %1$s FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_%2$s,"
              .formatted(count, what)
          + " %1$s FILTER (WHERE price >= 1000000) AS rank3_%2$s".formatted(count, what);
    }
  }

  /** Millions of events a second and core that are aimed at. */
  final int aim;

  final String sql;
  final List<Table> tables;

  NexmarkQuery(int aim, String sql, Table... tables) {
    this.aim = aim;
    this.sql = sql;
    this.tables = List.of(tables);
  }

  boolean readsBids() {
    return tables.contains(BID);
  }
}
