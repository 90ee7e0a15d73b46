/** Every method as a tool of the Model Context Protocol, over HTTP and over standard input and output. */
package io.koshi.mcp.internal;
