/** An MCP server over stdio, served over HTTP on loopback. */
@NullMarked
package dev.errand.agent.serve;

import org.jspecify.annotations.NullMarked;
