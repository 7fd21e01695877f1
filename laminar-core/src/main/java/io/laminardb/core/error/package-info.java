/**
 * What went wrong, where, and how to mend it. {@link io.laminardb.core.error.LaminarException} is
 * the only exception type users meet; {@link io.laminardb.core.error.ErrorCode} is stable.
 */
package io.laminardb.core.error;
