/** The koshi command: a thin client of the Unix socket. */
package io.koshi.cli;
