package io.koshi.model;

import org.osgi.annotation.versioning.ProviderType;

/** Keeps what models used, whoever in the hub asked them, for {@code koshi usage}. */
@ProviderType
public interface Spending {
    /** What a model was asked for. */
    enum Purpose {
        /** To answer in a run. */
        ANSWER,
        /** To sum up the older lines of a conversation. */
        SUMMARY,
        /** To write a skill. */
        SKILL,
        /** To turn texts into vectors. */
        EMBEDDING
    }

    /**
     * Adds what a call outside of any run has used; written down shortly, and again later where the disk is full.
     *
     * @param model the name that prices and sums go by
     */
    void spent(Purpose purpose, String model, Usage used);
}
