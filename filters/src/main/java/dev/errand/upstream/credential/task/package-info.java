/**
 * Credentials that live with one task: obtained at its first call, held no longer than the task, and given back at its
 * end.
 */
@NullMarked
package dev.errand.upstream.credential.task;

import org.jspecify.annotations.NullMarked;
