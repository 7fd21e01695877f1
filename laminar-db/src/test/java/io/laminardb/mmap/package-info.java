/** Tables in mapped files, shared by processes. */
package io.laminardb.mmap;
