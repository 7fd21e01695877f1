/**
 * From SQL text to statements, with the place of everything.
 *
 * <p>{@link io.laminardb.sql.parser.SqlParser} is the door: a text of any number of statements in,
 * a list of {@link io.laminardb.sql.parser.ParsedStatement} out, or one {@link
 * io.laminardb.core.error.LaminarException} that points at the place. Three layers do the work:
 *
 * <ol>
 *   <li>{@code SqlLexer} cuts the text into tokens once, by the generated lexer, so that quotes and
 *       comments mean the same everywhere.
 *   <li>{@code StatementParser} reads statements of our own (CREATE SOURCE, SUBSCRIBE, ...) from
 *       those tokens in plain Java, which keeps their words free for use as names and their error
 *       messages exact.
 *   <li>{@code GrammarParser} hands ranges of tokens (queries, expressions, types, DML) to the
 *       parser generated from Calcite's grammar; {@code SoftKeywords} first decides which reserved
 *       words are names where they stand.
 * </ol>
 *
 * <p>The results are immutable; only queries and expressions inside them stay Calcite nodes, which
 * the validator may rewrite. A {@code SqlParser} may be shared between threads if its variable
 * lookup may. Nothing here knows the catalog: names are not resolved and options are not
 * interpreted.
 */
package io.laminardb.sql.parser;
