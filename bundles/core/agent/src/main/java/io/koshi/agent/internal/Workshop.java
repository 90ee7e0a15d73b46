package io.koshi.agent.internal;

import io.koshi.api.Pools;
import io.koshi.tool.Tools;

/** What every attempt works with. Thread-safe. */
record Workshop(
        Briefing briefing,
        Compaction compaction,
        Commands commands,
        Arrivals arrivals,
        UsageBook usage,
        SkillWriter writer,
        Tools tools,
        Pools pools) {
    ToolRound round(ToolRound.Listener listener) {
        return new ToolRound(tools, pools.work(), listener);
    }
}
