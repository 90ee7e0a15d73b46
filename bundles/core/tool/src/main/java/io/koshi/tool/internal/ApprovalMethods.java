package io.koshi.tool.internal;

import io.koshi.codec.Default;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.tool.internal.ApprovalEvents.Decided;
import io.koshi.tool.internal.ApprovalEvents.Decision;
import io.koshi.tool.internal.ApprovalEvents.Requested;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows what waits for a person, and decides for one. Thread-safe. */
@Component(name = "io.koshi.tool.approval", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("approval")
public final class ApprovalMethods implements Methods {
    /** What one must hold to approve: what the approved tool may do with it. */
    private static final List<String> APPROVES = List.of("tool.write", "approval.write");

    private final ApprovalDesk desk;

    @Activate
    public ApprovalMethods(@Reference ApprovalDesk desk) {
        this.desk = desk;
    }

    /** Whether a caller could approve what it asks for itself. */
    static boolean mayApprove(Caller caller) {
        return caller.may("tool", Scope.WRITE) && caller.may("approval", Scope.WRITE);
    }

    public record Remembered(
            @Doc("Its id, for approval.forget.") String id,
            @Doc("The tool.") String tool,
            @Doc("SHA-256 of what it is bound to.") String argsHash,
            @Doc("What holds from now on.") Decision decision,
            @Doc("Who decided.") String by) {
        static Remembered of(ApprovalBook.Remembered one) {
            return new Remembered(
                    one.request().id(),
                    one.request().request().tool(),
                    one.request().argsHash(),
                    Decision.of(one.allowed()),
                    one.by());
        }
    }

    public record Listing(
            @Doc("Those that wait for a person, oldest first.")
            List<Requested> approvals,

            @Doc("Decisions that hold for the same call again, newest first.")
            List<Remembered> remembered) {}

    @Rpc(value = "Lists what waits for a person, and what was decided for good.", scope = Scope.READ)
    public Listing list() {
        return new Listing(
                desk.pending().stream().map(Requested::of).toList(),
                desk.remembered().stream().map(Remembered::of).toList());
    }

    public record Ask(
            @Doc("The request, as approval.requested names it.")
            String id,

            @Doc("allow or deny.") Decision decision,

            @Doc("Whether it holds for exactly the same call again; never for a run that has read untrusted text.")
            @Default("false")
            boolean remember) {}

    @Rpc(value = "Allows or denies what a run waits for.", scope = Scope.WRITE)
    public Decided decide(Ask ask, Caller caller) {
        caller.mayGrant(APPROVES);
        boolean allow = ask.decision() == Decision.ALLOW;
        desk.decide(ask.id(), allow, ask.remember(), caller.name());
        return Decided.of(ask.id(), allow, caller.name());
    }

    public record Which(
            @Doc("The decision, as approval.list names it.") String id) {}

    public record Forgotten(
            @Doc("The decision that holds no more.") String id) {}

    @Rpc(value = "Takes back a decision that was to hold again.", scope = Scope.WRITE)
    public Forgotten forget(Which which, Caller caller) {
        caller.mayGrant(APPROVES);
        desk.forget(which.id());
        return new Forgotten(which.id());
    }
}
