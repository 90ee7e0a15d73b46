/** The channel of the command line and the terminal UI. */
package io.koshi.channel.console;
