package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the line of {@code koshi worker} says of how chat tasks are done; each null where it is not said.
 *
 * @param model a name from models of this machine's koshi.yaml, else a server's own name of a model; beside a command
 *     the name by which tasks ask for it
 * @param config where these models are
 */
record Wanted(String model, String command, String endpoint, Path config) {
    private static final String OLLAMA = "http://localhost:11434/v1";

    static Wanted of(Words words, Invocation call) {
        String given = words.option("--config");
        String endpoint = words.option("--endpoint");
        Wanted wanted = new Wanted(
                words.option("--model"),
                words.option("--command"),
                endpoint != null ? endpoint : call.environment().get("KOSHI_MODEL_ENDPOINT"),
                given != null
                        ? Path.of(given).toAbsolutePath()
                        : call.place().home().resolve("koshi.yaml"));
        if (given != null && Files.notExists(wanted.config())) {
            throw Failure.usage("There is no " + wanted.config() + " to read models from.");
        }
        if (wanted.command() == null && wanted.model() == null && endpoint != null) {
            throw Failure.usage("Name the model of " + endpoint + ": --model.");
        }
        return wanted;
    }

    boolean nothing() {
        return model == null && command == null;
    }

    /** @throws Failure when the file is broken or its model is of no use to a worker */
    Means means(Doing code, Duration limit, Invocation call) throws IOException, InterruptedException {
        if (command != null) {
            return new Means(new Program(List.of("sh", "-c", command), limit), model, OwnModels.none(limit), code);
        }
        if (model == null) {
            return new Means(null, null, OwnModels.none(limit), code);
        }
        if (endpoint != null) {
            return new Means(server(endpoint, limit, call), model, OwnModels.none(limit), code);
        }
        OwnModels models = OwnModels.read(config, call, limit);
        Optional<Doing> named = models.find(model);
        if (named.isEmpty()) {
            call.err().println(model + " is no model of " + config + "; asking " + OLLAMA + " for it");
        }
        return new Means(named.isPresent() ? named.get() : server(OLLAMA, limit, call), model, models, code);
    }

    private Doing server(String address, Duration limit, Invocation call) {
        return new Endpoint(address, model, call.environment().get("KOSHI_MODEL_KEY"), limit);
    }
}
