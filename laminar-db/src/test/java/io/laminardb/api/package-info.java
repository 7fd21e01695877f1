/** What the Javadoc of the public API promises, sentence by sentence. */
package io.laminardb.api;
