package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.TypedSource;
import io.laminardb.core.memory.Memory;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The ways rows of {@link Data} come into a database. */
enum Feed {
  /** Batches of 4,096 rows, handed over. */
  ARROW {
    @Override
    void push(Data data, LaminarDB db) {
      Source source = db.source("trades");
      for (VectorSchemaRoot root : data.batches()) {
        source.push(root);
      }
    }
  },

  /** As {@link #ARROW}, with symbols as numbers of a dictionary. */
  CODED {
    @Override
    void push(Data data, LaminarDB db) {
      Source source = db.source("trades");
      for (VectorSchemaRoot root : data.codedBatches()) {
        source.push(root, data.dictionaries());
      }
    }
  },

  /** Single rows through the row writer, symbols as Java Strings. */
  ROWS {
    @Override
    void push(Data data, LaminarDB db) {
      RowWriter rows = db.source("trades").rows();
      int row = 0;
      for (VectorSchemaRoot root : data.batches()) {
        long prices = Data.address(root, 1);
        long volumes = Data.address(root, 2);
        long times = Data.address(root, 3);
        for (long at = 0; at < (long) root.getRowCount() << 3; at += 8) {
          rows.begin()
              .setString(0, data.symbol(row++))
              .setDouble(1, Memory.getDouble(prices + at))
              .setLong(2, Memory.getLong(volumes + at))
              .setLong(3, Memory.getLong(times + at))
              .endRow();
        }
      }
    }
  },

  /** Single rows, a record made for each. */
  RECORDS {
    @Override
    void push(Data data, LaminarDB db) {
      TypedSource<Trade> source = db.source("trades", Trade.class);
      int row = 0;
      for (VectorSchemaRoot root : data.batches()) {
        long prices = Data.address(root, 1);
        long volumes = Data.address(root, 2);
        long times = Data.address(root, 3);
        for (long at = 0; at < (long) root.getRowCount() << 3; at += 8) {
          source.push(
              new Trade(
                  data.symbol(row++),
                  Memory.getDouble(prices + at),
                  Memory.getLong(volumes + at),
                  Memory.getLong(times + at)));
        }
      }
    }
  };

  /** An event as an object. */
  record Trade(String symbol, double price, long volume, long ts) {}

  /** Pushes all rows. */
  abstract void push(Data data, LaminarDB db);

  /** Pushes batches, handed over, to the two sources of a join in turn, trades first. */
  static void pushJoined(Data data, LaminarDB db) {
    Source trades = db.source("trades");
    Source orders = db.source("orders");
    boolean isTrade = true;
    for (VectorSchemaRoot root : data.batches()) {
      (isTrade ? trades : orders).push(root);
      isTrade = !isTrade;
    }
    orders.end();
  }
}
