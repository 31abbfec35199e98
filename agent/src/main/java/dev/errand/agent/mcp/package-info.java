/** The bridge for MCP over stdio. */
@NullMarked
package dev.errand.agent.mcp;

import org.jspecify.annotations.NullMarked;
