package io.koshi.hub.internal;

import io.koshi.rpc.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What hub.status answers; blocks of rooms that are not installed are left out. */
record HubStatus(
        @Doc("The hub's name, from koshi.yaml.") String name,
        @Doc("Its version.") String version,
        @Doc("starting, ready or draining.") String state,
        @Doc("Its process.") long pid,
        @Doc("When the process began.") Instant startedAt,
        @Doc("How long ago that is.") Duration uptimeMs,
        @Doc("Where it keeps everything.") String home,
        @Doc("The configuration that holds.") Origin config,
        @Doc("Where HTTP listens.") Optional<Listening> http,
        @Doc("Every channel that is configured or here.") List<ChannelState> channels,
        @Doc("The inbox, as buffer.depth says it.") Optional<Map<String, Object>> buffer,
        @Doc("Replies on their way out.") Optional<Outgoing> outbox,
        @Doc("What is remembered, as memory.stats says it.") Optional<Map<String, Object>> memory,
        @Doc("How many sessions there are.") Optional<Long> sessions,
        @Doc("Turns of agents.") Optional<Runs> runs,
        @Doc("Tasks by their state.") Optional<Work> tasks,
        @Doc("The database and its disk.") Optional<Disk> store,

        @Doc("Identifies this start of the hub for event numbers.")
        String epoch,

        @Doc("The number of the newest event.") long seq) {

    record Origin(
            @Doc("The file.") String file,
            @Doc("When it was read.") Instant loadedAt,

            @Doc("Whether the file is bad and the last good configuration serves.")
            boolean lastGood,

            @Doc("Why, when it is.") Optional<String> error) {}

    record Listening(
            @Doc("The address.") String host,
            @Doc("The port.") int port) {}

    record ChannelState(
            @Doc("The channel's name.") String name,
            @Doc("The plugin it comes from.") String plugin,
            @Doc("connected, connecting or down.") String state,
            @Doc("When it came.") Instant since,
            @Doc("What a person should know.") Optional<String> detail) {}

    record Outgoing(
            @Doc("Replies that wait or are being sent.") long pending,
            @Doc("Replies that a person may redrive.") long dead) {}

    record Runs(
            @Doc("Turns under way.") long active,
            @Doc("Turns that wait.") long queued) {}

    record Work(
            @Doc("Tasks that wait for a worker.") long queued,
            @Doc("Tasks a worker holds.") long leased,
            @Doc("Tasks that ended badly.") long failed) {}

    record Disk(
            @Doc("Size of the database.") long bytes,
            @Doc("Size of its write-ahead log.") long walBytes,
            @Doc("Room left on its disk.") long freeDiskBytes) {}
}
