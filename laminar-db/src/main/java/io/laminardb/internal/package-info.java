/**
 * What the edges share: matching the names users write with the names of columns ({@link
 * io.laminardb.internal.Names}). Not for users.
 */
package io.laminardb.internal;
