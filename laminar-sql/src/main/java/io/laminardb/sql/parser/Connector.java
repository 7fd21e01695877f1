package io.laminardb.sql.parser;

/**
 * {@code KAFKA (topic = 'trades', ...)} after FROM or INTO.
 *
 * @param name the connector's name
 * @param options its options, {@link Options#NONE} when there is no list
 */
public record Connector(Identifier name, Options options) {}
