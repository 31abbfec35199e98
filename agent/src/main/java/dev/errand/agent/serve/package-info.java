/** An MCP server over stdio, served over streamable HTTP on loopback: one process a session. */
@NullMarked
package dev.errand.agent.serve;

import org.jspecify.annotations.NullMarked;
