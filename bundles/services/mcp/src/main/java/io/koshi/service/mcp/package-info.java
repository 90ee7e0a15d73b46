/** Makes the tools of MCP servers tools of the hub (Model Context Protocol, revision 2025-06-18). */
package io.koshi.service.mcp;
