/** The Anthropic Messages API, streamed. */
package io.koshi.model.anthropic;
