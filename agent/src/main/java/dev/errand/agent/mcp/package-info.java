/** The bridge from MCP over stdio to MCP over HTTP. */
@NullMarked
package dev.errand.agent.mcp;

import org.jspecify.annotations.NullMarked;
