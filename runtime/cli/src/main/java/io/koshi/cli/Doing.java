package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;

/** A way to do tasks; an interrupt ends it, and what it started. */
interface Doing {
    /**
     * Does one.
     *
     * @param input a file with what it works on, null for none
     * @return what came of it
     * @throws IOException what went wrong, for the task's history
     */
    String work(Work work, String instructions, Path place, Path input) throws IOException, InterruptedException;
}
