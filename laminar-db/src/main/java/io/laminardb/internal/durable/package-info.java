/** What survives the process: statements, the engine's input and state, and how they are had back. */
package io.laminardb.internal.durable;
