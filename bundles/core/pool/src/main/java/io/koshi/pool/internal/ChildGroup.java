package io.koshi.pool.internal;

import io.koshi.api.Children;
import io.koshi.pool.internal.ChildLedger.Entry;
import io.koshi.pool.internal.ProcTable.Proc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Every process that came of one child: its session, and whatever left that but kept the child's mark. */
final class ChildGroup {
    private static final long LOOK_AGAIN_MS = 10;

    private final Entry head;

    ChildGroup(Entry head) {
        this.head = head;
    }

    /** Its living processes, the head too. */
    List<Proc> members() {
        String mark = Children.MARK + "=" + head.mark();
        boolean reused = head.startTicks() == 0
                || ProcTable.find(head.pid())
                        .filter(now -> now.startTicks() != head.startTicks())
                        .isPresent();
        long self = ProcessHandle.current().pid();
        return ProcTable.all(proc -> proc.pid() != self
                && (!reused && (proc.session() == head.pid() || proc.group() == head.pid())
                        || proc.hasVariable(mark + '\0')));
    }

    /** Asks all of them to end. */
    void terminate() {
        members().forEach(proc -> ProcessHandle.of(proc.pid()).ifPresent(ProcessHandle::destroy));
    }

    /**
     * Ends all of them, and those they start meanwhile.
     *
     * @return whether none is left
     */
    boolean kill(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<Proc> left = members();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            left.forEach(proc -> ProcessHandle.of(proc.pid()).ifPresent(ProcessHandle::destroyForcibly));
            left = members();
            if (!left.isEmpty()) {
                // SIGKILL takes its moment, and nothing tells when a process that is not ours has gone
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_AGAIN_MS));
                left = members();
            }
        }
        return left.isEmpty();
    }
}
