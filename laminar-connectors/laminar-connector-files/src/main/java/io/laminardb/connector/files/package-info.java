/**
 * CSV and JSON lines files as sources and sinks. {@link
 * io.laminardb.connector.files.FilesConnector} checks options; {@code FilesReader} goes from file to
 * file, {@code FileInput} brings bytes, {@code CsvRows} and {@code JsonRows} turn records into rows,
 * writing bytes straight into the columns of a batch; {@code FilesWriter} does the reverse. Nothing
 * here has a thread of its own. Files are on local file systems; other stores are left out.
 */
package io.laminardb.connector.files;
