/** The kinds of credential that live with one task. */
@NullMarked
package dev.errand.upstream.credential.kind;

import org.jspecify.annotations.NullMarked;
