/**
 * Copies of the provenance log in other places. The log's files are the source; each sink follows them at its own pace.
 */
@NullMarked
package dev.errand.sink;

import org.jspecify.annotations.NullMarked;
