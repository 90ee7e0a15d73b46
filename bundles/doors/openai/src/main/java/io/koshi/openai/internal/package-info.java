/** The hub's agent for clients that speak chat completions. */
package io.koshi.openai.internal;
