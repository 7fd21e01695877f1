/**
 * The {@code laminar} command: thin commands over the public API of {@code io.laminardb}.
 *
 * <p>{@link io.laminardb.cli.Main} reads the command line. The script {@code laminar} in the root of
 * the repository builds what is missing and starts it.
 */
package io.laminardb.cli;
