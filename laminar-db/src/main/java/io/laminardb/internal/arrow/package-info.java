/**
 * Arrow in and out. {@link io.laminardb.internal.arrow.ArrowSchemas} maps schemas, {@link
 * io.laminardb.internal.arrow.ArrowImport} makes a batch over the buffers of a root, {@link
 * io.laminardb.internal.arrow.ArrowExport} a root over the buffers of a batch. Buffers are shared
 * by reference count, so each side closes its own object whenever it is done with it; memory is
 * counted by the allocator it came from until the last one has closed.
 */
package io.laminardb.internal.arrow;
