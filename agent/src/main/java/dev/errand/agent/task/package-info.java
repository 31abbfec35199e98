/** The task: how it is started, its token and key, how a call is signed, and how it ends. */
@NullMarked
package dev.errand.agent.task;

import org.jspecify.annotations.NullMarked;
