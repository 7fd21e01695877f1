/**
 * Keyed state off the heap, and its way to bytes and back ({@link
 * io.laminardb.core.state.StateWriter}, {@link io.laminardb.core.state.StateReader}).
 */
package io.laminardb.core.state;
