-- W: sources. BIGINT time is epoch milliseconds; no watermark declared means: follows the time column used, zero delay
CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL, ts BIGINT NOT NULL);
CREATE SOURCE sensors (device_id VARCHAR, temp DOUBLE, ts BIGINT);
CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, volume BIGINT, ts BIGINT)
  WITH (watermark = 'ts', allowed_lateness = INTERVAL '5' SECOND);
CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL, ts TIMESTAMP NOT NULL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);

-- W: windows and EMIT
CREATE STREAM vwap AS SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS trades
  FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);
CREATE STREAM avg_temp AS SELECT device_id, AVG(temp) AS avg_temp, COUNT(*) AS readings
  FROM sensors GROUP BY device_id, tumble(ts, INTERVAL '10' SECOND);
CREATE STREAM trades_1m AS SELECT symbol, SUM(volume) AS total_volume, COUNT(*) AS trade_count
  FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;
CREATE STREAM moving_avg AS SELECT symbol, AVG(price) AS avg_price
  FROM trades GROUP BY symbol, slide(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;
SELECT sensor_id, MAX(temp) AS peak_temp FROM readings
  GROUP BY sensor_id, hop(ts, INTERVAL '10' SECOND, INTERVAL '5' SECOND);
CREATE STREAM user_sessions AS SELECT user_id, COUNT(*) AS clicks, MAX(ts) - MIN(ts) AS duration_ms
  FROM clickstream GROUP BY user_id, session(ts, INTERVAL '30' SECOND) EMIT ON WINDOW CLOSE;
CREATE STREAM live_totals AS SELECT symbol, SUM(volume) AS running_volume
  FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT CHANGES;
CREATE STREAM ohlc_1m AS SELECT symbol, FIRST(price) AS open, MAX(price) AS high, MIN(price) AS low, LAST(price) AS close,
  SUM(volume) AS volume FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE) EMIT ON WINDOW CLOSE;
CREATE STREAM results AS SELECT symbol, COUNT(*) AS cnt FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)
  WITH (allowed_lateness = INTERVAL '10' SECOND);
CREATE STREAM ohlc_1min AS SELECT symbol, MIN(price) AS low, MAX(price) AS high, SUM(volume) AS total_volume
  FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);
-- bar_start is a hidden column of every windowed stream (alias of window_start); the view reads a stream that has open and close
CREATE MATERIALIZED VIEW ohlc_1h AS SELECT symbol, FIRST(open) AS open, MAX(high) AS high, MIN(low) AS low, LAST(close) AS close
  FROM ohlc_1m GROUP BY symbol, tumble(bar_start, INTERVAL '1' HOUR);

-- R: joins, OVER, ranking
CREATE STREAM enriched_orders AS SELECT o.order_id, o.symbol, t.price AS market_price FROM orders o
  JOIN trades t ON o.symbol = t.symbol AND t.ts BETWEEN o.ts - INTERVAL '5' SECOND AND o.ts;   -- BIGINT and TIMESTAMP ts
SELECT o.*, t.price AS last_trade_price FROM orders o
  ASOF JOIN trades t MATCH_CONDITION(o.ts >= t.ts) ON o.symbol = t.symbol;                     -- keeps unmatched orders, NULL price
SELECT symbol, price, LAG(price, 1) OVER (PARTITION BY symbol ORDER BY ts) AS prev_price,
  price - LAG(price, 1) OVER (PARTITION BY symbol ORDER BY ts) AS delta FROM trades;
SELECT symbol, price, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY price DESC) AS rank FROM trades;

-- C: connectors (grammar from the start, executed with the connectors)
CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, volume BIGINT, ts BIGINT) FROM KAFKA (brokers = '${KAFKA_BROKERS}',
  topic = 'market-trades', group_id = 'laminar-analytics', format = 'json', offset_reset = 'earliest');
CREATE SOURCE events (id BIGINT, ts BIGINT) FROM KAFKA (brokers = '${KAFKA_BROKERS}', topic = 'events', format = 'avro',
  schema.registry.url = 'http://schema-registry:8081');
CREATE SINK output INTO KAFKA (brokers = '${KAFKA_BROKERS}', topic = 'trade-summaries', format = 'json',
  delivery.guarantee = 'exactly-once', compression.type = 'snappy') AS SELECT * FROM trade_summary;
CREATE SOURCE orders_cdc (id INT, customer_id INT, amount DOUBLE, status VARCHAR, ts BIGINT) FROM POSTGRES_CDC (
  hostname = 'db.example.com', port = '5432', database = 'shop', slot.name = 'laminar_orders', publication = 'laminar_pub');
CREATE STREAM customer_totals AS SELECT customer_id, COUNT(*) AS total_orders, SUM(amount) AS total_spent
  FROM orders_cdc WHERE _op IN ('I', 'U') GROUP BY customer_id EMIT CHANGES;  -- an update counts once: the old row is subtracted
CREATE SOURCE products_cdc (id INT, name VARCHAR, price DOUBLE, updated_at BIGINT) FROM MYSQL_CDC (hostname = 'mysql.example.com',
  port = '3306', database = 'inventory', table = 'products', server_id = '12345');
CREATE SINK lake INTO DELTA_LAKE (path = 's3://my-bucket/trade_summary', write_mode = 'append') AS SELECT * FROM trade_summary;
