package io.koshi.listener.github;

import io.koshi.codec.RawObject;
import java.util.Map;

/**
 * What a delivery is about, in a line.
 *
 * @param action null where the event has none
 * @param repository its full name, null for an organisation's events
 * @param number of the issue, pull request or discussion, null where it is about none
 * @param title null where there is none
 */
record Summary(String event, String action, String repository, Long number, String title, String sender) {
    static Summary of(String event, Map<String, Object> fields) {
        String subject = subject(event);
        String repository = text(fields, "repository", "full_name");
        String sender = text(fields, "sender", "login");
        return new Summary(
                event,
                text(fields, "action"),
                repository != null ? repository : text(fields, "organization", "login"),
                subject.isEmpty() ? null : number(fields, subject, "number"),
                title(event, subject, fields),
                sender == null ? "github" : sender);
    }

    /** The payload's object that has number and title. */
    private static String subject(String event) {
        return switch (event) {
            case "issues", "issue_comment", "sub_issues", "issue_dependencies" -> "issue";
            case "pull_request",
                    "pull_request_target",
                    "pull_request_review",
                    "pull_request_review_comment",
                    "pull_request_review_thread" -> "pull_request";
            case "discussion", "discussion_comment" -> "discussion";
            default -> "";
        };
    }

    private static String title(String event, String subject, Map<String, Object> fields) {
        if (!subject.isEmpty()) {
            return text(fields, subject, "title");
        }
        return switch (event) {
            case "push" -> text(fields, "head_commit", "message");
            case "release" -> text(fields, "release", "name");
            case "workflow_run" -> text(fields, "workflow_run", "name");
            case "check_run" -> text(fields, "check_run", "name");
            case "ping" -> text(fields, "zen");
            default -> null;
        };
    }

    String conversation(String otherwise) {
        if (repository == null) {
            return otherwise;
        }
        return number == null ? repository : repository + "#" + number;
    }

    /** {@code pull_request opened octo/hello#2: Title by login}; a title's first line, bounded. */
    String line(int longestTitle) {
        StringBuilder line = new StringBuilder(128).append(event);
        if (action != null) {
            line.append(' ').append(action);
        }
        if (repository != null) {
            line.append(' ').append(conversation(""));
        }
        if (title != null && !title.isBlank()) {
            line.append(": ").append(firstLine(title, longestTitle));
        }
        return line.append(" by ").append(sender).toString();
    }

    private static String firstLine(String text, int most) {
        int end = 0;
        while (end < text.length() && end < most && text.charAt(end) >= ' ') {
            end++;
        }
        return text.substring(0, end);
    }

    private static String text(Map<String, Object> fields, String... path) {
        return scalar(fields, path) instanceof String text ? text : null;
    }

    private static Long number(Map<String, Object> fields, String... path) {
        return scalar(fields, path) instanceof Long number ? number : null;
    }

    private static Object scalar(Map<String, Object> fields, String... path) {
        if (fields instanceof RawObject raw) {
            return raw.scalar(path);
        }
        Object here = fields;
        for (String step : path) {
            here = here instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return here;
    }
}
