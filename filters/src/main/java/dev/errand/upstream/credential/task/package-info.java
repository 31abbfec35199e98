/** Credentials that live with one task: had at its first call, held no longer than the task, given back at its end. */
@NullMarked
package dev.errand.upstream.credential.task;

import org.jspecify.annotations.NullMarked;
