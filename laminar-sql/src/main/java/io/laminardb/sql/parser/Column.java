package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import org.apache.calcite.sql.SqlDataTypeSpec;

/**
 * A declared column: {@code name TYPE [NOT NULL] [PRIMARY KEY]}.
 *
 * @param name the column's name
 * @param type the type as written; nullability is in {@code nullable}
 * @param nullable false after NOT NULL and for columns of the primary key
 * @param typePosition where the type stands
 */
public record Column(
    Identifier name, SqlDataTypeSpec type, boolean nullable, SourcePosition typePosition) {}
