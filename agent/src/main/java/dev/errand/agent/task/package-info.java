/** The task: how it is started, what is held of it, how a call is signed, and how it ends. */
@NullMarked
package dev.errand.agent.task;

import org.jspecify.annotations.NullMarked;
