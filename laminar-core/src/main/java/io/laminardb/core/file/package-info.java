/**
 * Files as a library may use them: on threads of its user, who may interrupt them at any moment. {@link
 * io.laminardb.core.file.UninterruptedFile} is read and written to the end all the same.
 */
package io.laminardb.core.file;
