-- Continuous SQL over 200,000 flights: every US departure from 1 January 2001, 00:01 to 13 January, 08:11.
--
--   ./laminar demo                         watch it
--   ./laminar run examples/flights.sql     only run it
--
-- The rows are read from a file, but nothing below knows that: the same statements follow a growing file
-- (follow = 'true') or rows pushed by a program.

-- Time comes from the column ts. The file is sorted by it, so the watermark needs no delay: every row moves
-- it, a window closes as soon as the first row behind it has come, and no row is late. A source whose
-- rows may come up to five minutes out of order would say: WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE.
CREATE SOURCE flights (
  ts          TIMESTAMP(0) NOT NULL,   -- departure
  origin      VARCHAR NOT NULL,        -- airports by their code
  destination VARCHAR NOT NULL,
  delay       INT NOT NULL,            -- in minutes; negative when early
  distance    INT NOT NULL,            -- in miles
  WATERMARK FOR ts
) FROM FILES (path = '${LAMINAR_HOME:-.}/examples/data/flights-200k.csv.gz');

-- Tumbling window: which airports had a bad hour? One row an airport and hour, when the hour is over.
CREATE STREAM bad_hours AS
  SELECT window_start AS since, origin, COUNT(*) AS flights, AVG(delay) AS avg_delay, MAX(delay) AS max_delay
  FROM flights
  GROUP BY origin, tumble(ts, INTERVAL '1' HOUR)
  HAVING COUNT(*) >= 20 AND AVG(delay) >= 30;

-- The totals of each day. At the end of the file the day that is open closes too.
CREATE STREAM days AS
  SELECT window_start AS since, COUNT(*) AS flights, COUNT(*) FILTER (WHERE delay > 15) AS delayed,
    AVG(delay) AS avg_delay, SUM(distance) AS miles
  FROM flights
  GROUP BY tumble(ts, INTERVAL '1' DAY);

-- Hopping window: the busiest routes of the last 24 hours, anew every 6 hours.
CREATE STREAM busy_routes AS
  SELECT window_end AS until, origin, destination, COUNT(*) AS flights, AVG(delay) AS avg_delay
  FROM flights
  GROUP BY origin, destination, hop(ts, INTERVAL '24' HOUR, INTERVAL '6' HOUR)
  HAVING COUNT(*) >= 40;

-- Session window: a streak lasts while an airport has a flight an hour late within every 15 minutes.
CREATE STREAM streaks AS
  SELECT window_start AS since, MAX(ts) AS until, origin, COUNT(*) AS flights, MAX(delay) AS max_delay
  FROM flights
  WHERE delay >= 60
  GROUP BY origin, session(ts, INTERVAL '15' MINUTE)
  HAVING COUNT(*) >= 10;

-- No window: the totals of each airport, kept up to date with every flight, to be read at any moment.
CREATE MATERIALIZED VIEW airports AS
  SELECT origin, COUNT(*) AS flights, AVG(delay) AS avg_delay, MAX(delay) AS max_delay, SUM(distance) AS miles
  FROM flights
  GROUP BY origin;

-- Streams feed streams: how many bad hours had each airport, and how bad was the worst?
CREATE MATERIALIZED VIEW bad_airports AS
  SELECT origin, COUNT(*) AS hours, MAX(avg_delay) AS worst_avg_delay
  FROM bad_hours
  GROUP BY origin;

-- Sinks write results to files as they come.
CREATE SINK bad_hours_csv INTO FILES (path = '${OUT:-/tmp}/bad-hours.csv') FROM bad_hours;
CREATE SINK days_json INTO FILES (path = '${OUT:-/tmp}/days.jsonl') AS
  SELECT since, flights, delayed, avg_delay, miles FROM days;

-- A query over a view is answered once, from what the view holds now; here: from the whole file.
SELECT origin, flights, avg_delay, max_delay, miles FROM airports ORDER BY flights DESC, origin LIMIT 5;
SELECT origin, hours, worst_avg_delay FROM bad_airports ORDER BY hours DESC, origin LIMIT 5;
