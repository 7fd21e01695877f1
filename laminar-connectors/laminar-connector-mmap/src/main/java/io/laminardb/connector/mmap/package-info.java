/**
 * Tables in files that several processes map into their memory: {@code WITH (storage = 'mmap')}. One
 * process writes, others read. Read {@link io.laminardb.connector.mmap.MmapConnector} first; {@code
 * MmapTable} turns rows into bytes and back, {@code MappedFile} has the file and who may write it, {@code
 * JvmFlags} knows what Chronicle Map needs of the JVM. Rows are off the heap, in memory of the
 * operating system's; nothing here has a thread of its own.
 */
package io.laminardb.connector.mmap;
