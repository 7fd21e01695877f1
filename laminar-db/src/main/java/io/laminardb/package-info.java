/**
 * The nouns a user meets. Read them in this order:
 *
 * <ol>
 *   <li>{@link io.laminardb.LaminarDB}: open it, execute SQL, start, close.
 *   <li>{@link io.laminardb.Source}, {@link io.laminardb.TypedSource}, {@link
 *       io.laminardb.RowWriter}: rows in, as values, as records, or written in place.
 *   <li>{@link io.laminardb.Subscription}, {@link io.laminardb.Rows}, {@link io.laminardb.Row}: rows
 *       out, continuously or as a snapshot.
 * </ol>
 *
 * <p>Memory is off the heap and the database's; a row in a callback is on loan until the callback
 * returns, everything a method answers is a copy. All memory is free when {@code close()} has
 * returned.
 *
 * <p>Threads: a {@code Source} and a {@code Subscription} serve one thread at a time, the database
 * any. What goes wrong is a {@link io.laminardb.core.error.LaminarException} with a stable code, the
 * place, and how to mend it.
 *
 * <p>Here are no operators, plans or SQL: {@code io.laminardb.internal} joins this surface to them,
 * and is nobody else's business.
 */
package io.laminardb;
