package io.koshi.shell.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Range;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The OSGi shell as a method: needs no terminal, and leaving it never stops the hub. Thread-safe. */
@Component(name = "io.koshi.shell", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("shell")
public final class ShellMethods implements Methods {
    private final ShellSessions sessions;

    @Activate
    public ShellMethods(BundleContext context, @Reference Registry registry, @Reference Codec codec) {
        Gogo gogo = new Gogo(context);
        this.sessions = new ShellSessions(gogo::processor, new HubCommands(registry, codec));
    }

    @Deactivate
    public void close() {
        sessions.close();
    }

    record Line(
            @Doc("What to run, as Gogo reads it: session:list limit=5, lb, scr:list.") @Range(min = 1, max = 65536)
            String line,

            @Doc("Keeps variables from line to line; any name of the caller's own.") @Range(min = 1, max = 64)
            Optional<String> session) {}

    record Outcome(
            @Doc("What it printed, then its result; cut after 1 MB.")
            String output,

            @Doc("Why it failed, where it did.") Optional<String> error) {}

    @Rpc(value = "Runs a line of the OSGi shell.", scope = Scope.ADMIN)
    public Outcome execute(Line line, Caller caller) {
        return line.session()
                .map(name -> sessions.execute(caller, name, line.line()))
                .orElseGet(() -> sessions.executeOnce(caller, line.line()));
    }
}
