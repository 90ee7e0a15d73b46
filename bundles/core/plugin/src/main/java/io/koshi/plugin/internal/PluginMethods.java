package io.koshi.plugin.internal;

import io.koshi.api.KoshiException;
import io.koshi.plugin.Plugins.Plugin;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Lets every door list, plan, add, remove and reload plugins. Thread-safe. */
@Component(name = "io.koshi.plugin.methods", configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("plugin")
public final class PluginMethods implements Methods {
    private final PluginRoom room;

    @Activate
    public PluginMethods(@Reference PluginRoom room) {
        this.room = room;
    }

    /** All plugins. */
    public record Listed(@Doc("One for each configuration.") List<Plugin> plugins) {}

    /** What to plan. */
    public record PlanQuery(
            @Doc("add or remove.") Action action,

            @Doc("To add: a path to a jar, or the name of a shipped plugin.")
            Optional<String> source,

            @Doc("To remove: the entry's name. To add: the new entry's, as telegram~work.")
            Optional<String> name,

            @Doc("To add: the entry's settings.") Optional<Map<String, Object>> settings) {}

    /** What is planned. */
    public enum Action {
        ADD,
        REMOVE
    }

    /** What a change would do. */
    public record Planned(
            @Doc("add or remove.") Action action,
            @Doc("What it is about.") String name,

            @Doc("Symbolic names of all bundles that would restart.")
            List<String> closure,

            @Doc("Whether it would be done.") boolean allowed,
            @Doc("Why not.") Optional<String> reason,

            @Doc("The lines of koshi.yaml that would change, as a unified diff.")
            String configDiff) {}

    /** What to add. */
    public record AddQuery(
            @Doc("A path to a jar on the hub's machine, or the name of a shipped plugin.")
            String source,

            @Doc("The entry's name where it is a second one, as telegram~work.")
            Optional<String> name,

            @Doc("The entry's settings, as in koshi.yaml.") Optional<Map<String, Object>> settings) {}

    /** Which plugin. */
    public record NameQuery(
            @Doc("The entry's name in koshi.yaml.") String name) {}

    /** What was removed. */
    public record Gone(
            @Doc("The entry's name.") String name,
            @Doc("The version that ran.") String version) {}

    @Rpc(value = "Lists the plugins and whether they serve.", scope = Scope.READ)
    public Listed list() {
        return new Listed(room.list());
    }

    @Rpc(
            value = "Shows what adding or removing a plugin would restart and change, without doing it.",
            scope = Scope.READ)
    public Planned plan(PlanQuery query) {
        boolean add = query.action() == Action.ADD;
        String subject = (add ? query.source() : query.name())
                .orElseThrow(() -> KoshiException.invalid(add ? "/source" : "/name", "must be there"));
        PluginRoom.Plan plan =
                add ? room.planAdd(subject, query.name(), query.settings().orElse(Map.of())) : room.planRemove(subject);
        return new Planned(
                query.action(), subject, plan.closure(), plan.reason().isEmpty(), plan.reason(), plan.configDiff());
    }

    @Rpc(value = "Adds a plugin, or replaces it by another version, while the hub runs.", scope = Scope.ADMIN)
    public PluginNews.Added add(AddQuery query) {
        return room.add(query.source(), query.name(), query.settings().orElse(Map.of()), "command");
    }

    @Rpc(value = "Removes a plugin and its entry in koshi.yaml while the hub runs.", scope = Scope.ADMIN)
    public Gone remove(NameQuery query) {
        return new Gone(query.name(), room.remove(query.name(), "command"));
    }

    @Rpc(value = "Takes a plugin out and brings it in again from its file.", scope = Scope.ADMIN)
    public PluginNews.Added reload(NameQuery query) {
        return room.reload(query.name());
    }
}
