/**
 * Operator graphs at work: {@link io.laminardb.core.runtime.Engine} is the door. A {@code SourceTask}
 * takes rows from the handles of a source, cuts them where the watermark asks for it and lends them
 * to a {@code StreamOutput}, which lends them to every {@code InputPort} of every query, subscription
 * and sink; each operator lends on, so that one call carries a batch through whole graphs.
 *
 * <p>What is refused downstream comes back to the source task, which offers the same again in a later
 * cycle; outputs and operators remember how far they came. Inline and threaded run the same cycle.
 *
 * <p>Memory: an engine's all comes from the allocator it was given; each operator has a child of it.
 */
package io.laminardb.core.runtime;
