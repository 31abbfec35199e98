/** What the listeners of one route demand of their tools: a password, or a signature. */
@NullMarked
package dev.errand.agent.root;

import org.jspecify.annotations.NullMarked;
