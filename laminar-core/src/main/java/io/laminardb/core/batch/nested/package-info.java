/**
 * ARRAY, MAP and ROW values as bytes whose unsigned order is the order of the values: {@link
 * io.laminardb.core.batch.nested.NestedWriter} writes them and says how they look, {@link
 * io.laminardb.core.batch.nested.NestedBytes} finds its way in them, {@link
 * io.laminardb.core.batch.nested.NestedCodec} moves values between them and columns. So a key, a
 * join, a sort or a row of state needs to know no more of them than of a VARBINARY.
 */
package io.laminardb.core.batch.nested;
