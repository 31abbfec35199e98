/**
 * The index beside a log's segments: which records name a decision, a task, a resource and the like, and the place of
 * each.
 */
@NullMarked
package dev.errand.provenance.index;

import org.jspecify.annotations.NullMarked;
