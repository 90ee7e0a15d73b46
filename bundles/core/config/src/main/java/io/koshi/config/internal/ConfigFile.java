package io.koshi.config.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Turns koshi.yaml into a checked {@link Config}; needs no running hub. Immutable.
 *
 * @param file the file, absolute
 * @param home where secrets.yaml lies
 * @param environment the value of a variable, null when unset
 * @param installed whether a bundle is here, by its symbolic name
 */
public record ConfigFile(
        Path file, Path home, Codec codec, Function<String, String> environment, Predicate<String> installed) {
    /** Other names of keys, and keys that later rooms will read: templates, prompts in the log. */
    private static final Map<String, String> ALIASES = Map.of("dataPath", "data");

    private static final Set<String> LATER = Set.of("templates", "debug");

    /**
     * Reads the file.
     *
     * @throws KoshiException INVALID_PARAMS, one line {@code file:line:column: path: sentence} for each fault
     */
    Loaded read() {
        return parse(text());
    }

    /** The file's text, without a judgement of it. */
    String text() {
        try {
            if (Files.size(file) > YamlReader.MAX_SIZE) {
                throw refuse(List.of(new Fault(1, 1, "", YamlReader.TOO_LARGE)));
            }
            return decode(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw new KoshiException(
                    ErrorCode.INVALID_PARAMS,
                    "There is no " + file
                            + ": put it back; the first start in a home without one writes a commented one.",
                    e);
        } catch (IOException e) {
            throw new KoshiException(ErrorCode.INVALID_PARAMS, file + " cannot be read: " + reason(e), e);
        }
    }

    private String reason(IOException e) {
        if (Files.isDirectory(file)) {
            return "it is a directory; the configuration is a file";
        }
        return e instanceof AccessDeniedException ? "permission denied; make it your own" : e.getMessage();
    }

    private String decode(ByteBuffer bytes) {
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        if (StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true).isError()) {
            String before = text.flip().toString();
            YamlNode.Place place = YamlReader.placeOf(before, before.length());
            throw refuse(List.of(new Fault(place, "", "the file is not UTF-8 text from here on; save it as UTF-8")));
        }
        return text.flip().toString();
    }

    /** As {@link #read}, of a text that may become the file. */
    Loaded parse(String text) {
        try {
            Document document = Document.of(YamlReader.read(text), new Interpolation(lookup()));
            List<String> warnings = new ArrayList<>(ConfigRules.unread(document.data(), installed));
            Map<String, Object> known = known(document.data(), warnings);
            Config config = bind(document, known);
            Loaded loaded = new Loaded(file, text, document, config, List.copyOf(warnings), Instant.now());
            refuse(loaded, ConfigRules.problems(config, file.getParent()));
            return loaded;
        } catch (FaultyText e) {
            throw refuse(e.faults());
        }
    }

    /** Throws the problems with the places they have in the file; nothing when there are none. */
    void refuse(Loaded loaded, List<Problem> problems) {
        if (!problems.isEmpty()) {
            Set<String> secrets = Redaction.secrets(loaded.document());
            throw refuse(faults(
                    loaded.document(),
                    problems.stream()
                            .map(p -> new Problem(p.path(), Redaction.mask(p.problem(), secrets)))
                            .toList()));
        }
    }

    private Function<String, Optional<String>> lookup() {
        Secrets secrets = new Secrets(home.resolve("secrets.yaml"));
        return name -> name.startsWith("secrets.")
                ? secrets.find(name.substring("secrets.".length()))
                : Optional.ofNullable(environment.apply(name));
    }

    private static Map<String, Object> known(Map<String, Object> data, List<String> warnings) {
        Map<String, Object> known = new LinkedHashMap<>();
        data.forEach((key, value) -> {
            if (LATER.contains(key)) {
                warnings.add("the key '" + key + "' has no effect yet");
            } else {
                known.putIfAbsent(ALIASES.getOrDefault(key, key), value);
            }
        });
        return known;
    }

    /** What was filled in is text; where text does not fit, it is read as the number or boolean it spells. */
    private Config bind(Document document, Map<String, Object> data) {
        try {
            return codec.fromData(data, Config.class);
        } catch (KoshiException first) {
            Set<String> spelled = first.details().stream()
                    .map(Problem::path)
                    .filter(document.filled()::contains)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (spelled.isEmpty()) {
                throw new FaultyText(faults(document, first.details()));
            }
            try {
                return codec.fromData(respell(data, "", spelled), Config.class);
            } catch (KoshiException second) {
                throw new FaultyText(faults(document, second.details()));
            }
        }
    }

    private static Object respell(Object value, String path, Set<String> spelled) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, below) ->
                    copy.put(key.toString(), respell(below, Document.child(path, key.toString()), spelled)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(below -> copy.add(respell(below, path + "/" + copy.size(), spelled)));
            return copy;
        }
        return spelled.contains(path) ? CoreSchema.value((String) value) : value;
    }

    private static List<Fault> faults(Document document, List<Problem> problems) {
        return problems.stream()
                .map(p -> new Fault(document.place(p.path()), p.path(), p.problem()))
                .toList();
    }

    /** As one reads the file: from its top to its end. */
    private KoshiException refuse(List<Fault> faults) {
        String name = file.getFileName().toString();
        List<Problem> details = faults.stream()
                .sorted(Comparator.comparingInt(Fault::line).thenComparingInt(Fault::column))
                .map(f -> new Problem(f.path(), f.in(name)))
                .toList();
        String message = details.stream().map(Problem::problem).collect(Collectors.joining("\n"));
        return new KoshiException(ErrorCode.INVALID_PARAMS, message, details);
    }
}
