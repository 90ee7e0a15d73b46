/** Runs a turn: history, prompt, model, tools, reply. */
package io.koshi.agent.internal;
