package io.koshi.itests;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes webhook deliveries in GitHub's shape and size (6 to 26 KB), the same ones for the same seed. */
public final class GithubDeliveries {
    private static final String[] LINKS = {
        "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents", "contributors",
        "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks", "issue_comment",
        "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones", "notifications", "pulls",
        "releases", "stargazers", "statuses", "subscribers", "subscription", "tags", "teams", "trees"
    };

    private GithubDeliveries() {}

    /**
     * A pull_request delivery.
     *
     * @param repository for example {@code octo/hello}
     * @param number the pull request's number
     * @param action for example {@code opened}
     * @param seed decides title, body and size
     */
    public static byte[] pullRequest(String repository, int number, String action, long seed) {
        Random random = new Random(seed);
        StringBuilder json = new StringBuilder(16_000);
        json.append("{\"action\":\"").append(action).append("\",\"number\":").append(number);
        json.append(",\"pull_request\":{\"id\":").append(random.nextInt(1 << 30));
        json.append(",\"number\":").append(number).append(",\"state\":\"open\",\"locked\":false,\"title\":\"");
        words(json, random, 6);
        json.append("\",\"user\":");
        user(json, "octocat" + random.nextInt(50), random);
        json.append(",\"body\":\"");
        words(json, random, 20 + random.nextInt(1500));
        json.append("\",\"head\":{\"ref\":\"changes\",\"repo\":");
        repository(json, repository, random);
        json.append("},\"base\":{\"ref\":\"main\",\"repo\":");
        repository(json, repository, random);
        json.append("},\"merged\":false,\"comments\":0,\"commits\":1,\"additions\":1,\"deletions\":1}");
        json.append(",\"repository\":");
        repository(json, repository, random);
        json.append(",\"sender\":");
        user(json, "octocat", random);
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The value of {@code X-Hub-Signature-256} for a body. */
    public static String signature(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void repository(StringBuilder json, String name, Random random) {
        json.append("{\"id\":186853002,\"name\":\"").append(name.substring(name.indexOf('/') + 1));
        json.append("\",\"full_name\":\"").append(name).append("\",\"private\":false,\"owner\":");
        user(json, name.substring(0, name.indexOf('/')), random);
        for (String link : LINKS) {
            json.append(",\"").append(link).append("_url\":\"https://api.github.example/repos/");
            json.append(name).append('/').append(link).append("{/number}\"");
        }
        json.append(",\"size\":").append(random.nextInt(1000)).append('}');
    }

    private static void user(StringBuilder json, String login, Random random) {
        json.append("{\"login\":\"").append(login).append("\",\"id\":").append(random.nextInt(1 << 30));
        for (String link : new String[] {"followers", "gists", "starred", "repos", "events", "received_events"}) {
            json.append(",\"").append(link).append("_url\":\"https://api.github.example/users/");
            json.append(login).append('/').append(link).append("{/other}\"");
        }
        json.append(",\"type\":\"User\",\"site_admin\":false}");
    }

    private static void words(StringBuilder json, Random random, int count) {
        for (int i = 0; i < count; i++) {
            json.append(i == 0 ? "" : " ");
            for (int letters = 2 + random.nextInt(7); letters > 0; letters--) {
                json.append((char) ('a' + random.nextInt(26)));
            }
        }
    }
}
