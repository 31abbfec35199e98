/** Copies of the provenance log elsewhere: the file is the source, each sink follows it at its own pace. */
@NullMarked
package dev.errand.sink;

import org.jspecify.annotations.NullMarked;
