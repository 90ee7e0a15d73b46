/** Chat completions as OpenAI, Ollama, vLLM and llama.cpp speak them, streamed. */
package io.koshi.model.openai;
