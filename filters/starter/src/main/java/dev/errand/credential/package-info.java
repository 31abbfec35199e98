/** The credentials of upstreams, each kind, and those that live with a task. */
@NullMarked
package dev.errand.credential;

import org.jspecify.annotations.NullMarked;
