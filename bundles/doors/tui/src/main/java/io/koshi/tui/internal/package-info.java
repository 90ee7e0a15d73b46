/** The older terminal UI's messages, exactly as it knows them. */
package io.koshi.tui.internal;
