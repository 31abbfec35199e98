/** Path templates on a segment trie: the resolver of APIs that name their operations by method and path. Pure. */
@NullMarked
package dev.errand.operation.template;

import org.jspecify.annotations.NullMarked;
