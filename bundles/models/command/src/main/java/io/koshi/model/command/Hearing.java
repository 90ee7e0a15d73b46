package io.koshi.model.command;

/** Understands what a program prints. Confined to one thread. */
interface Hearing {
    /** The next characters, cut anywhere. */
    void hear(String characters);

    /**
     * No more will come.
     *
     * @throws io.koshi.api.KoshiException SERVICE_UNAVAILABLE when what came is not what was expected
     */
    void end();
}
