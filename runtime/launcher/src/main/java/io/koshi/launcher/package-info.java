/** Reads the features, starts Felix, and waits for it to stop. */
package io.koshi.launcher;
