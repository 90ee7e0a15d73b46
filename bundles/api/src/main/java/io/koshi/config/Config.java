package io.koshi.config;

import io.koshi.api.Address;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What koshi.yaml says, interpolated and checked; immutable, replaced whole at a reload. A component name
 * that ends in an underscore stands for the key without it.
 *
 * @param plugins each entry has {@code name} and the plugin's own settings
 * @param repositories Maven repositories that plugins are fetched from by group:artifact:version, asked in this order after
 *     the local one
 * @param models each entry has {@code plugin} and the model's own settings, by the model's name
 * @param tools {@code approval}, {@code approvalSeconds} and {@code allow} for all of them, and under a tool plugin's name
 *     what holds for it
 * @param default_ what happens to a message no rule matches
 */
public record Config(
        @Default("\"koshi\"") String name,
        @Default("\"info\"") LogLevel logLevel,
        @Default("{}") HttpBlock http,
        @Default("\"./data\"") String data,
        @Default("{}") Identity identity,
        @Default("{}") Map<String, Map<String, Object>> models,
        @Default("{}") AgentBlock agent,
        @Default("{}") AgentsBlock agents,
        @Default("[]") List<Map<String, Object>> plugins,
        @Default("[]") List<String> repositories,
        @Default("[]") List<RouteBlock> routes,
        @Default("\"forward\"") Unmatched default_,
        @Default("{}") BufferBlock buffer,
        @Default("{}") OutboxBlock outbox,
        @Default("{}") MemoryBlock memory,
        @Default("{}") SessionsBlock sessions,
        @Default("{}") StoreBlock store,
        @Default("{}") GatewayBlock gateway,
        @Default("{}") TasksBlock tasks,
        @Default("{}") Map<String, Object> tools,
        @Default("{}") McpBlock mcp,
        @Default("{}") SkillsBlock skills,
        @Default("[]") List<Map<String, Object>> cron,
        @Default("{}") Map<String, Object> doors,
        Optional<String> skillsPath) {

    /** The least serious line that is logged. */
    public enum LogLevel {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** What happens to a message no rule matches. */
    public enum Unmatched {
        FORWARD,
        DROP
    }

    /**
     * @param port 0 for any free one
     * @param proxy a TLS-terminating proxy stands in front, so a public bind is allowed
     */
    public record HttpBlock(
            @Default("\"127.0.0.1\"") String host,
            @Default("3000") @Range(min = 0, max = 65535) int port,
            @Default("false") boolean proxy,
            Optional<TlsBlock> tls) {}

    /** A PKCS#12 key store. */
    public record TlsBlock(String keystore, String password) {}

    public record Identity(
            @Default("\"You are Koshi. Calm, direct, dry wit.\"")
            String soul) {}

    /**
     * @param model a name from {@code models}; empty for the built-in offline model
     * @param fallback tried in order when the first fails
     */
    public record AgentBlock(
            Optional<String> model,
            Optional<String> subAgentModel,
            @Default("[]") List<String> fallback,
            @Default("\"wait\"") WhenBusy whenBusy,
            @Default("200000") @Range(min = 1000) int contextLimit,
            @Default("0.7") double compactionThreshold) {}

    /** What a message does that arrives while its session's run goes on. */
    public enum WhenBusy {
        WAIT,
        STEER,
        INTERRUPT
    }

    /**
     * @param maxConcurrent conversations that are answered at a time, and as many specialists beside them
     * @param defaultTimeout seconds a run may take
     * @param maxQueued specialists that may wait for their turn; one more is refused
     */
    public record AgentsBlock(
            @Default("3") @Range(min = 1, max = 1000) int maxConcurrent,
            @Default("300") @Range(min = 1, max = 86400) int defaultTimeout,
            @Default("100") @Range(min = 1, max = 100000) int maxQueued) {}

    /**
     * A routing rule.
     *
     * @param match paths to expectations, as docs/rooms/router.md says
     * @param action one action or a list of them
     */
    public record RouteBlock(
            Optional<String> name,
            @Default("{}") Map<String, Object> match,
            Object action,
            Optional<Integer> priority) {}

    public record BufferBlock(
            @Default("7") @Range(min = 1, max = 3650) int retentionDays,
            @Default("500") @Range(min = 0, max = 60000) int batchWindowMs,
            @Default("10000") @Range(min = 1) int warnDepth) {}

    /**
     * @param expireHours a reply older than this is a dead letter and is never sent
     * @param maxAttempts tries before a reply is a dead letter
     */
    public record OutboxBlock(
            @Default("24") @Range(min = 1, max = 8760) int expireHours,
            @Default("20") @Range(min = 1, max = 1000) int maxAttempts) {}

    /**
     * @param embeddings a second way to find memories, by meaning; none unless named
     * @param pruneSchedule minute and hour of the day, and days, at which the archive takes what is of least use, while
     *     the database is larger than {@code maxSize}
     * @param coreApproval whether a person must approve each new core memory, and not only the doubtful ones
     */
    public record MemoryBlock(
            Optional<EmbeddingsBlock> embeddings,
            @Default("\"100MB\"") ByteSize maxSize,
            @Default("\"0 4 * * *\"") String pruneSchedule,
            @Default("1") @Range(min = 1, max = 100) int prunePercent,
            @Default("3") @Range(min = 0, max = 100) int reinforceWeight,
            @Default("1") @Range(min = 0, max = 100) int demoteWeight,
            @Default("\"sqlite\"") String backend,
            Optional<Integer> maxEntries,
            @Default("{}") SleepBlock sleep,
            @Default("false") boolean coreApproval) {}

    /**
     * @param endpoint base URL of an OpenAI-compatible service ({@code …/v1}) or of Ollama ({@code …/api})
     * @param waitMs how long a query may wait for the service before it goes on with words alone
     */
    public record EmbeddingsBlock(
            String endpoint,
            String model,
            Optional<String> apiKey,
            @Default("150") @Range(min = 1, max = 5000) int waitMs) {}

    /**
     * When memories are distilled: after so many turns, and after so many minutes in which something was remembered.
     *
     * @param nightFrom hour of the machine's day from which, under {@link SleepMode#NIGHTLY}, minutes count
     * @param nightTo hour at which the night ends
     */
    public record SleepBlock(
            @Default("\"nightly\"") SleepMode mode,
            @Default("6") @Range(min = 1, max = 100000) int turns,
            @Default("120") @Range(min = 1, max = 10080) int minutes,
            @Default("22") @Range(min = 0, max = 23) int nightFrom,
            @Default("6") @Range(min = 0, max = 23) int nightTo) {}

    /** Whether memories are distilled by themselves. */
    public enum SleepMode {
        /** By turns at any time, by minutes at night. */
        NIGHTLY,
        /** By turns and by minutes, at any time. */
        AUTO,
        /** Only when asked. */
        OFF
    }

    public record SessionsBlock(
            @Default("200") @Range(min = 1, max = 100000) int maxMessages,
            Optional<Integer> maxTokens,
            @Default("\"conversation\"") SessionPolicy policy) {}

    /** Who shares a session. */
    public enum SessionPolicy {
        CONVERSATION,
        CONTACT,
        CLIENT,
        SHARED;

        /** The one session of everybody where sessions are shared. */
        public static final String MAIN = "main";

        /** The key of the session that a message of this sender belongs to. */
        public String keyOf(Address from, String sender) {
            return switch (this) {
                case SHARED -> MAIN;
                case CONVERSATION -> from.toString();
                case CONTACT -> from.channel() + ":" + sender;
                case CLIENT -> from + ":" + sender;
            };
        }
    }

    public record StoreBlock(@Default("200") @Range(min = 0) int minFreeMB) {}

    public record GatewayBlock(
            @Default("\"8MB\"") ByteSize maxFrame,
            @Default("15") @Range(min = 1, max = 3600) int pingSeconds,

            @Default("10000") @Range(min = 16, max = 1000000)
            int replay) {}

    /** @param servers each has {@code command}, an argv, or {@code url}, by its name; see docs/rooms/mcp.md */
    public record McpBlock(@Default("{}") Map<String, Map<String, Object>> servers) {}

    /**
     * @param maxPerTurn skills a person's words may call for at a time
     * @param maxCharsPerSkill what of each a turn is given
     * @param autoCreate whether what is asked for the third time becomes a skill
     */
    public record SkillsBlock(
            @Default("3") @Range(min = 0, max = 20) int maxPerTurn,
            @Default("2000") @Range(min = 100, max = 100000) int maxCharsPerSkill,
            @Default("true") boolean autoCreate) {}

    /** @param code whether workers are given tasks that run programs of their own (python, shell) */
    public record TasksBlock(
            @Default("300") @Range(min = 1, max = 86400) int leaseSeconds,
            @Default("3") @Range(min = 1, max = 100) int maxAttempts,
            @Default("false") boolean code) {}
}
