package io.koshi.skill;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The skills that are here now, from {@code skills/} in the home and from the database. Thread-safe. */
@ProviderType
public interface Skills {
    /** All of them, by name: their names and descriptions are the index that every prompt has. */
    List<Skill> list();

    Optional<Skill> find(String name);

    /**
     * Those that a person's words call for: at most {@code skills.maxPerTurn}, the longest trigger first, each text cut
     * to {@code skills.maxCharsPerSkill}.
     */
    List<Skill> triggered(String words);

    /**
     * Tells that a trusted person has asked for this: what is asked for the third time becomes a skill, where none was
     * called for. To be said once a turn, by the main agent, of what a person said and nobody else.
     *
     * @return the skill, where this made one: of the requests' own words, until a model has written a better
     *     {@link #rewrite text}
     */
    Optional<Made> asked(String words);

    /**
     * Puts a better text in a skill that {@link #asked} has made.
     *
     * @return false, with nothing changed, where it is no longer as it was made
     * @throws io.koshi.api.KoshiException INVALID_PARAMS when the text is none a skill may have
     */
    default boolean rewrite(Skill made, String description, String text) {
        return false;
    }

    /** @param requests what a person asked for, oldest first */
    record Made(Skill skill, List<String> requests) {
        public Made {
            requests = List.copyOf(requests);
        }
    }
}
