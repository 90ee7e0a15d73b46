package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Trust;
import io.koshi.config.Settings;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.Spending.Purpose;
import io.koshi.skill.Skills.Made;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the model write the skill for what was asked again and again. The skill is there before, made of the requests' own
 * words; where no real model serves, the model fails, or it writes what no skill may say, that stays. Thread-safe.
 */
final class SkillWriter {
    private static final Logger LOG = LoggerFactory.getLogger(SkillWriter.class);
    private static final int MAX_TOKENS = 1_000;
    private static final int MAX_DESCRIPTION = 150;
    private static final String SYSTEM =
            "You write a skill: short instructions by which an assistant does a thing that its owner asks for again and"
                    + " again. On the first line say in at most 15 words what it does and when it is used. After an empty"
                    + " line give the steps, what to look at, the form of the answer, and what to ask when something is"
                    + " missing: at most 200 words, for any such request and not only for these. Invent no facts, names"
                    + " or tools. Answer with nothing but that.";

    private final SkillShelf skills;
    private final Settings settings;
    private final Pools pools;

    SkillWriter(SkillShelf skills, Settings settings, Pools pools) {
        this.skills = skills;
        this.settings = settings;
        this.pools = pools;
    }

    /** Asks on a thread of its own: nobody waits for it. */
    void write(Made made, Metered model) {
        if (!isReal(model.name())) {
            return;
        }
        try {
            pools.work().execute(() -> ask(made, model));
        } catch (RejectedExecutionException stopping) {
            LOG.debug("skill {} stays as it was made", made.skill().name());
        }
    }

    /** The built-in model writes nothing. */
    private boolean isReal(String name) {
        Object plugin = settings.config().models().containsKey(name)
                ? settings.config().models().get(name).get("plugin")
                : name;
        return !Chain.OFFLINE.equals(plugin);
    }

    private void ask(Made made, Metered model) {
        try {
            String answer =
                    model.ask(Purpose.SKILL, request(made), delta -> {}).text().strip();
            int end = answer.indexOf('\n');
            if (end < 0) {
                LOG.info(
                        "the model wrote no skill {}; it stays as it was made",
                        made.skill().name());
                return;
            }
            String description = Words.oneLine(answer.substring(0, end), MAX_DESCRIPTION);
            String text = answer.substring(end).strip();
            if (skills.rewrite(made.skill(), description, text)) {
                LOG.info(
                        "the model has written skill {}; see koshi skill show",
                        made.skill().name());
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (KoshiException e) {
            LOG.info("skill {} stays as it was made: {}", made.skill().name(), e.getMessage());
        } catch (RuntimeException | LinkageError e) { // a plugin's error is not the hub's
            LOG.warn("the model broke while it wrote skill {}", made.skill().name(), e);
        }
    }

    private static ModelRequest request(Made made) {
        String asked = "What its owner asked:\n- " + String.join("\n- ", made.requests());
        return new ModelRequest(
                "skill:" + made.skill().name(),
                "skill:" + made.skill().name(),
                SYSTEM,
                List.of(ModelMessage.User.of(asked)),
                0,
                List.of(),
                MAX_TOKENS,
                Trust.MEDIUM);
    }
}
