/** COMMAND: its environment, its files, its process and its signals. */
@NullMarked
package dev.errand.agent.command;

import org.jspecify.annotations.NullMarked;
