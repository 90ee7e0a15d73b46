package io.koshi.rpc;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** A method as data plus a function, for those that are not written in Java here: remote services. */
@ConsumerType
public interface Method {
    MethodInfo info();

    /**
     * Answers with plain data or a record; params are checked against the schema by the registry. Called on the thread
     * of the door that brings the call, so it never blocks: it sends the question and completes the stage later.
     *
     * @return cancelled by the registry when nobody waits for it any more
     */
    CompletionStage<Object> call(Caller caller, Map<String, Object> params);
}
