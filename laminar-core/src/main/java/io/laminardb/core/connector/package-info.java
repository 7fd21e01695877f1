/**
 * How rows come in from outside and go out again. A {@link
 * io.laminardb.core.connector.ConnectorFactory} checks {@link
 * io.laminardb.core.connector.ConnectorOptions} at CREATE and gives a {@link
 * io.laminardb.core.connector.SourceConnector} or {@link
 * io.laminardb.core.connector.SinkConnector}; opening one gives a {@link
 * io.laminardb.core.connector.SourceReader} or {@link io.laminardb.core.connector.SinkWriter}, which
 * one background thread drives (or the caller's, in inline mode). Batches are borrowed for a call. A
 * reader may be told what queries want of its rows, by {@link
 * io.laminardb.core.connector.SourceDemand}, and then spare itself the rest.
 * In a durable database a {@link io.laminardb.core.connector.TransactionalWriter} commits in two phases.
 * {@link io.laminardb.core.connector.Connectors} finds factories by name; the sink PRINT is always
 * there.
 */
package io.laminardb.core.connector;
