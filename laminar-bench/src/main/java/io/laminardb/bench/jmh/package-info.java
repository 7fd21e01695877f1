/** Kernels measured by JMH: {@code java -cp .. org.openjdk.jmh.Main KeyedTable}. */
package io.laminardb.bench.jmh;
