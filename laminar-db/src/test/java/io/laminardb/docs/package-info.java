/** Tests of the documentation: what it prints is what happens. */
package io.laminardb.docs;
