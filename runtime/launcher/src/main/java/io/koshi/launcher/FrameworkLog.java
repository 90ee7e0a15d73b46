package io.koshi.launcher;

import org.apache.felix.framework.Logger;

/** Prints what the framework has to say, but for the noise of a start that a room has refused. Thread-safe. */
final class FrameworkLog extends Logger {
    @Override
    protected void doLogOut(int level, String words, Throwable cause) {
        if (System.getProperty("koshi.refusal") == null) {
            super.doLogOut(level, words, cause);
        }
    }
}
