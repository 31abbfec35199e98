/** Path templates in a tree of segments: the resolver of APIs in which method and path name the operation. Pure. */
@NullMarked
package dev.errand.operation.template;

import org.jspecify.annotations.NullMarked;
