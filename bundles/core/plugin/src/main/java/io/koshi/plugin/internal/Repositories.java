package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.FETCH;

import io.koshi.api.Http;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds jars by their Maven coordinates: in the owner's local repository, then in those that {@code repositories} in
 * koshi.yaml names, in their order. What is downloaded must match the repository's own checksum and is kept in {@code
 * cache/plugins/} of the home. Thread-safe.
 */
final class Repositories {
    /** The largest plugin that is downloaded. */
    private static final long MOST = 64L << 20;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Supplier<List<String>> remote;
    private final Http http;
    private final Path local;
    private final Path cache;

    /**
     * @param remote what {@code repositories} in koshi.yaml says now
     * @param local the owner's own repository; need not exist
     * @param cache where to keep what was downloaded; need not exist
     */
    Repositories(Supplier<List<String>> remote, Http http, Path local, Path cache) {
        this.remote = remote;
        this.http = http;
        this.local = local;
        this.cache = cache;
    }

    /** The jar's file, which may be replaced or removed by others later. */
    Path find(Coordinates wanted) throws PluginFailure {
        Path own = local.resolve(wanted.path());
        if (Files.isRegularFile(own)) {
            return own;
        }
        Path kept = cache.resolve(wanted.path());
        if (Files.isRegularFile(kept)) {
            return kept;
        }
        List<String> asked = remote.get();
        for (String repository : asked) {
            if (download(URI.create(slashed(repository) + wanted.path()), kept)) {
                return kept;
            }
        }
        throw new PluginFailure(
                FETCH,
                wanted + " is neither in " + local + " nor in "
                        + (asked.isEmpty()
                                ? "a repository: koshi.yaml names none under 'repositories'"
                                : String.join(" or ", asked)));
    }

    /** Where Maven keeps what it has fetched or built. */
    static Path local() {
        String told = System.getProperty("maven.repo.local");
        return told != null ? Path.of(told) : Path.of(System.getProperty("user.home"), ".m2", "repository");
    }

    private static String slashed(String repository) {
        return repository.endsWith("/") ? repository : repository + "/";
    }

    /** False when the repository has no such file. */
    private boolean download(URI from, Path to) throws PluginFailure {
        Path draft = to.resolveSibling("." + to.getFileName());
        try {
            Files.createDirectories(to.getParent());
            Sum promised = promised(from);
            HttpResponse<InputStream> answer = get(from, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                if (answer.statusCode() == 404) {
                    return false;
                }
                if (answer.statusCode() != 200) {
                    throw new PluginFailure(FETCH, from + " answered " + answer.statusCode());
                }
                String got = write(body, draft, promised.algorithm());
                if (!got.equals(promised.hex())) {
                    throw new PluginFailure(
                            FETCH,
                            from + " is not what its repository says it is: " + promised.algorithm() + " " + got
                                    + " instead of " + promised.hex());
                }
            }
            Files.move(draft, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoFile none) {
            return false;
        } catch (IOException e) {
            throw new PluginFailure(FETCH, from + " could not be fetched: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginFailure(FETCH, from + " was not fetched to its end", e);
        } finally {
            forget(draft);
        }
    }

    /** What a repository says of a file, by the best sum it has. */
    private record Sum(String algorithm, String hex) {}

    private static final class NoFile extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private Sum promised(URI file) throws IOException, InterruptedException, PluginFailure {
        Optional<Sum> sum = sum(file, "SHA-256");
        if (sum.isEmpty()) {
            sum = sum(file, "SHA-1");
        }
        if (sum.isPresent()) {
            return sum.get();
        }
        int status = get(file, HttpResponse.BodyHandlers.discarding(), "HEAD").statusCode();
        if (status == 404) {
            throw new NoFile();
        }
        throw new PluginFailure(FETCH, file + " has no checksum beside it; fetch the jar yourself and add the file");
    }

    private Optional<Sum> sum(URI file, String algorithm) throws IOException, InterruptedException {
        String suffix = "." + algorithm.replace("-", "").toLowerCase(Locale.ROOT);
        HttpResponse<InputStream> answer = get(URI.create(file + suffix), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            if (answer.statusCode() != 200) {
                return Optional.empty();
            }
            String text = new String(body.readNBytes(1024), StandardCharsets.US_ASCII).strip();
            return Optional.of(new Sum(algorithm, text.split("\\s+")[0].toLowerCase(Locale.ROOT)));
        }
    }

    private <T> HttpResponse<T> get(URI what, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        return get(what, body, "GET");
    }

    private <T> HttpResponse<T> get(URI what, HttpResponse.BodyHandler<T> body, String method)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(what)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(LIMIT)
                .build();
        return http.send(request, body);
    }

    private static String write(InputStream body, Path to, String algorithm) throws IOException, PluginFailure {
        MessageDigest digest = digest(algorithm);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (OutputStream out = Files.newOutputStream(to)) {
            DigestInputStream in = new DigestInputStream(body, digest);
            byte[] some = new byte[64 * 1024];
            long size = 0;
            for (int read = in.read(some); read >= 0; read = in.read(some)) {
                size += read;
                if (size > MOST || System.nanoTime() - deadline > 0) {
                    throw new PluginFailure(
                            FETCH,
                            to.getFileName() + " is larger than " + (MOST >> 20) + " MB or comes too slowly; fetch it"
                                    + " yourself and add the file");
                }
                out.write(some, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }

    private static void forget(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            draft.toFile().deleteOnExit();
        }
    }
}
