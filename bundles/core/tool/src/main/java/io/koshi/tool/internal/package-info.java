/** Gathers the tools and runs them under approval. */
package io.koshi.tool.internal;
