/** How rows go out: subscriptions, callbacks, publishers and results over the engine's. */
package io.laminardb.internal.receive;
