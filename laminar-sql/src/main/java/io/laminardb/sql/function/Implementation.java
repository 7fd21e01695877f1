package io.laminardb.sql.function;

import io.laminardb.core.batch.DataType;
import java.util.List;

/**
 * The Java behind a function: a method of one of the helper classes in {@code
 * io.laminardb.core.operator.scalar}, NULL when an argument is.
 *
 * @param state class of the object it is a method of, one a call site, or null for a static method;
 *     with {@code (buffer())} behind it where the object needs a buffer
 * @param method {@code Class.method}, or the name of a method of {@code state}
 * @param parameters how arguments are handed over; the last one takes all that follow
 * @param buffer whether the first argument is a {@code Utf8Buffer} for the result
 * @param nullableResult whether it answers null for NULL
 * @param named whether the last argument is the text of the call, for error messages
 * @param returns the type of the result, or null for that of the call
 */
public record Implementation(
    String state,
    String method,
    List<Parameter> parameters,
    boolean buffer,
    boolean nullableResult,
    boolean named,
    DataType returns) {
  /** How an argument is handed over. */
  public enum Parameter {
    TEXT,
    BOOLEAN,
    INTEGER,
    BIGINT,
    DOUBLE,
    /** As it is: the Java method is overloaded. */
    SAME,
    /** The type of the call. */
    RESULT,
    /** A DATE or TIMESTAMP as two arguments: the value and its units a second. */
    TIME_POINT,
    /** A time unit or another symbol as a Java string literal. */
    SYMBOL
  }
}
