/**
 * Patterns of rows: MATCH_RECOGNIZE.
 *
 * <p>A {@link io.laminardb.core.operator.match.RowPattern} becomes a {@link
 * io.laminardb.core.operator.match.PatternAutomaton}. {@link
 * io.laminardb.core.operator.match.MatchOperator} brings rows into their partitions in the order of
 * time and has a {@code Matcher} try each row as the beginning of a match, one after the other, as
 * the standard defines it; a later one is begun when it is known how the one before ended. Of one
 * beginning all partial matches advance together, in the order of preference, as R. Pike's regular
 * expressions do (R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009).
 *
 * <p>A partial match is a node of a graph that shares what partial matches have in common (J. Agrawal
 * et al., "Efficient Pattern Matching over Event Streams", SIGMOD 2008). Beside the row it holds, in
 * registers, all that conditions and measures may ask of the match so far, such as the number of
 * the last row of a variable: so no path is ever walked to evaluate a condition, and of two partial
 * matches in one state, of which conditions can tell nothing different, only the preferred one
 * lives on. {@code PathLayout} says which registers there are, {@code PathNodes} keeps the nodes.
 *
 * <p>All rows and nodes are off the heap, of the operator's allocator, and freed by its close. Left
 * out: the anchors {@code ^} and {@code $}.
 */
package io.laminardb.core.operator.match;
