/**
 * What a database holds: {@link io.laminardb.sql.catalog.CatalogObject}s in an immutable {@link
 * io.laminardb.sql.catalog.CatalogSnapshot}, changed one at a time through {@link
 * io.laminardb.sql.catalog.Catalog}. Knows columns, event time and who reads whom; knows no Calcite
 * class, so that opening a database does not load Calcite.
 */
package io.laminardb.sql.catalog;
