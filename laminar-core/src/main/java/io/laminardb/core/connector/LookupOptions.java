package io.laminardb.core.connector;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How a table outside is asked, and what is kept of its answers.
 *
 * @param cacheRows how many rows of answers are kept, where one without rows counts as one; 0 keeps
 *     none beyond the rows that wait for them
 * @param cacheTtl for how long an answer is taken for right; 0 for not at all
 * @param maxInFlight rows that may wait for answers before the input is held back
 * @param connections how many questions are asked at a time
 * @param keysPerQuestion keys that are asked for at once
 * @param retries how often a question that failed is asked again
 */
public record LookupOptions(
    long cacheRows,
    Duration cacheTtl,
    int maxInFlight,
    int connections,
    int keysPerQuestion,
    int retries) {
  public LookupOptions {
    requireNonNull(cacheTtl, "cacheTtl");
  }

  /** What was written, or {@code otherwise}. Asks for the options, so that they are known. */
  public static LookupOptions of(ConnectorOptions options, LookupOptions otherwise) {
    return new LookupOptions(
        options.getLong("cache_rows", otherwise.cacheRows, 0, Integer.MAX_VALUE),
        options.getDuration("cache_ttl", otherwise.cacheTtl),
        (int) options.getLong("max_in_flight", otherwise.maxInFlight, 1, 1 << 20),
        (int) options.getLong("connections", otherwise.connections, 1, 64),
        (int) options.getLong("keys_per_question", otherwise.keysPerQuestion, 1, 1000),
        (int) options.getLong("retries", otherwise.retries, 0, 100));
  }
}
