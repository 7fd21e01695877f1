/**
 * The duty cycle: a {@link io.laminardb.core.reactor.Reactor} runs {@link
 * io.laminardb.core.reactor.Task}s, commands and {@link io.laminardb.core.reactor.TimerQueue timers}
 * in turn, on a thread of its own or on the thread of whoever drives it. It knows nothing of rows.
 */
package io.laminardb.core.reactor;
