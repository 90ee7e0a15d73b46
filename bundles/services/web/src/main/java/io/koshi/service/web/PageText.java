package io.koshi.service.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/** The words of a page as a person sees them, with the targets of its links. */
final class PageText {
    private static final String UNSEEN =
            "script, style, noscript, template, iframe, svg, canvas, object, head > *:not(title),"
                    + " [hidden], [aria-hidden=true], [style~=(?i)display\\s*:\\s*none], [style~=(?i)visibility\\s*:\\s*hidden],"
                    + " [style~=(?i)font-size\\s*:\\s*0], [style~=(?i)opacity\\s*:\\s*0(;|$)]";

    private static final Set<String> HEADINGS = Set.of("h1", "h2", "h3", "h4", "h5", "h6");

    private static final Set<String> CELLS = Set.of("td", "th");

    private PageText() {}

    /**
     * @param charset as the server says, null where it does not: then the page's own, or UTF-8
     * @param most characters, after which the rest is left out
     */
    static String of(byte[] html, String charset, URI uri, int most) throws IOException {
        Document page = Jsoup.parse(new ByteArrayInputStream(html), charset, uri.toString());
        String title = page.title();
        page.select(UNSEEN).remove();
        StringBuilder text = new StringBuilder(title.isBlank() ? "" : "# " + title + "\n\n");
        if (page.body() != null) {
            page.body().traverse(new Writer(text, most));
        }
        return text.toString()
                .replaceAll("[ \\t]+\\n", "\n")
                .replaceAll("\\n{3,}", "\n\n")
                .strip();
    }

    /** Writes node after node. Confined to one traversal. */
    private static final class Writer implements NodeVisitor {
        private final StringBuilder text;
        private final int most;

        Writer(StringBuilder text, int most) {
            this.text = text;
            this.most = most;
        }

        @Override
        public void head(Node node, int depth) {
            if (text.length() > most) {
                return;
            }
            if (node instanceof TextNode words) {
                words(words);
            } else if (node instanceof Element element) {
                String name = element.normalName();
                if (isLine(element) || name.equals("br")) {
                    line();
                }
                if (HEADINGS.contains(name)) {
                    text.append("\n## ");
                } else if (name.equals("li")) {
                    text.append("- ");
                } else if (name.equals("img") && !element.attr("alt").isBlank()) {
                    text.append('[').append(element.attr("alt")).append(']');
                }
            }
        }

        private void words(TextNode node) {
            boolean asWritten = node.parent() != null && node.parent().closest("pre") != null;
            String words = asWritten ? node.getWholeText() : node.text();
            boolean space = text.length() == 0 || Character.isWhitespace(text.charAt(text.length() - 1));
            text.append(space && !asWritten ? words.stripLeading() : words);
        }

        private void line() {
            if (text.length() > 0 && text.charAt(text.length() - 1) != '\n') {
                text.append('\n');
            }
        }

        @Override
        public void tail(Node node, int depth) {
            if (text.length() > most || !(node instanceof Element element)) {
                return;
            }
            if (element.normalName().equals("a") && element.absUrl("href").startsWith("http") && element.hasText()) {
                text.append(" (").append(element.absUrl("href")).append(')');
            }
            if (CELLS.contains(element.normalName())) {
                text.append(" | ");
            } else if (isLine(element)) {
                line();
                if (element.normalName().equals("p") || HEADINGS.contains(element.normalName())) {
                    text.append('\n');
                }
            }
        }

        private static boolean isLine(Element element) {
            return element.isBlock() && !CELLS.contains(element.normalName());
        }
    }
}
