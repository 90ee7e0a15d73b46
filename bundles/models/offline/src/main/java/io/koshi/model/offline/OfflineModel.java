package io.koshi.model.offline;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.codec.Codec;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelName;
import io.koshi.model.ModelRequest;
import io.koshi.model.Usage;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Answers without a key or a network: commands of the hub, and what memories and transcripts hold. Thread-safe. */
@Component(name = "io.koshi.model.offline", service = Model.class, configurationPolicy = REQUIRE)
@ModelName("offline")
public final class OfflineModel implements Model {
    private static final Caller CALLER =
            new Caller("model:offline", Set.of("hub.read", "memory.write", "session.read", "route.read", "cron.write"));

    private final Commands commands;
    private final Lookup lookup;

    @Activate
    public OfflineModel(@Reference Registry registry, @Reference Codec codec) {
        Hub hub = new Hub(registry, codec, CALLER);
        this.lookup = new Lookup(hub);
        this.commands = new Commands(hub, lookup);
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        String asked = asked(request);
        String answer;
        try {
            answer = commands.answer(asked, request).orElseGet(() -> lookup.answer(asked, request));
        } catch (KoshiException e) {
            if (e.code().retryable()) {
                throw e;
            }
            answer = "That did not work: " + e.getMessage();
        }
        for (String piece : Pieces.of(answer)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            deltas.accept(piece);
        }
        return new ModelAnswer(answer, List.of(), ModelAnswer.Stop.END, Usage.NONE, "offline");
    }

    /** The newest words of the person. */
    private static String asked(ModelRequest request) {
        List<ModelMessage> messages = request.messages();
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i) instanceof ModelMessage.User user) {
                return user.parts().stream()
                        .filter(Part.Text.class::isInstance)
                        .map(part -> ((Part.Text) part).text())
                        .reduce((before, last) -> last)
                        .orElse("")
                        .strip();
            }
        }
        return "";
    }
}
