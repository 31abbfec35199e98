/** What a call does: catalogues, resolvers and normalisation turn a request into operation-resource pairs. Pure. */
@NullMarked
package dev.errand.operation;

import org.jspecify.annotations.NullMarked;
