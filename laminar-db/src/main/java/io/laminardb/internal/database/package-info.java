/** The parts of a database and their life: catalog, engine, connectors, planning. */
package io.laminardb.internal.database;
