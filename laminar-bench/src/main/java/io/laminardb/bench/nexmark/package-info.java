/**
 * The Nexmark benchmark, q0 to q22, from Arrow batches: {@link
 * io.laminardb.bench.nexmark.NexmarkEvents} makes persons, auctions and bids, {@link
 * io.laminardb.bench.nexmark.NexmarkQuery} asks, {@link io.laminardb.bench.nexmark.NexmarkBench}
 * measures.
 */
package io.laminardb.bench.nexmark;
