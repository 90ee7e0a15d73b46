package io.koshi.tool.internal;

import io.koshi.api.Trust;
import io.koshi.tool.Tool;
import io.koshi.tool.Tool.Audience;
import io.koshi.tool.Tool.Verdict;

/**
 * Whether a call may run: a pure function of the tool, what the call would do, what the run has read and the mode. The
 * whole policy stands here and nowhere else.
 *
 * @param why for the model and for the person who is asked, a clause
 */
record Ruling(Kind kind, String why) {
    /** What is to be done with the call. */
    enum Kind {
        RUN,
        ASK,
        REFUSE
    }

    private static final Ruling RUN = new Ruling(Kind.RUN, "");

    /**
     * @param read the least trusted of those whose words the run has read
     * @param known whether the host that would hear of it is one the run asked before it read such words
     */
    static Ruling of(Tool tool, Tool.Intent intent, Trust read, boolean known, ToolSettings settings) {
        if (intent.verdict() == Verdict.FORBIDDEN) {
            return refuse("it is forbidden, and no approval lifts that: "
                    + intent.reason().orElse("it is on a deny list"));
        }
        if (tool.readOnly()) {
            boolean named = known || intent.verdict() == Verdict.LISTED;
            return read == Trust.LOW && tool.tellsOutside() && !named ? telling(settings) : RUN;
        }
        boolean tainted = read == Trust.LOW && !tool.carriesTrust();
        if (settings.mode() == ToolSettings.Mode.DENY && tool.audience() == Audience.WORKER) {
            return refuse("tools.approval is deny, so nothing that changes anything runs");
        }
        if (tainted) {
            return settings.mode() == ToolSettings.Mode.DENY
                    ? refuse("the run has read untrusted text, and tools.approval is deny")
                    : ask("the run has read untrusted text, which may have asked for this");
        }
        if (tool.audience() == Audience.COORDINATOR) {
            return RUN; // it changes only what the hub itself keeps
        }
        return switch (settings.mode()) {
            case AUTO -> RUN;
            case ASK -> ask("tools.approval is ask");
            case ALLOW_LIST ->
                intent.verdict() == Verdict.LISTED
                                || settings.allows(tool.spec().name())
                        ? RUN
                        : refuse("tools.approval is allow-list, and no list names this; tools.allow in koshi.yaml can");
            case DENY -> refuse("tools.approval is deny, so nothing that changes anything runs");
        };
    }

    /** What a fetch asks for, its host hears: a page could have a run carry out what it knows in a URL. */
    private static Ruling telling(ToolSettings settings) {
        return settings.mode() == ToolSettings.Mode.DENY
                ? refuse("the run has read untrusted text, nobody has named this host, and tools.approval is deny")
                : ask("the run has read untrusted text, and nobody has named this host, which would be told all of it");
    }

    private static Ruling ask(String why) {
        return new Ruling(Kind.ASK, why);
    }

    private static Ruling refuse(String why) {
        return new Ruling(Kind.REFUSE, why);
    }
}
