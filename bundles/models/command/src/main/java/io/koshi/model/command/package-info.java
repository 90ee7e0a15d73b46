/** Programs that think: claude, codex, kiro-cli or any other, asked on standard input. */
package io.koshi.model.command;
