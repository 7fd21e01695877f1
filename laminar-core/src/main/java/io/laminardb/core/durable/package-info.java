/**
 * What a durable engine asks of its storage: a journal of what it took in, and checkpoints of its state.
 * Operators are deterministic, so a checkpoint and the records behind it give the same state and the
 * same output again. The bytes of records and parts are the engine's; storage keeps them whole, in
 * order and checked, and knows nothing of what they mean. Start at {@link
 * io.laminardb.core.durable.Storage}.
 */
package io.laminardb.core.durable;
