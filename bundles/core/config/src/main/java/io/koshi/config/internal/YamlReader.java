package io.koshi.config.internal;

import io.koshi.config.internal.YamlNode.Entry;
import io.koshi.config.internal.YamlNode.Mapping;
import io.koshi.config.internal.YamlNode.Place;
import io.koshi.config.internal.YamlNode.Scalar;
import io.koshi.config.internal.YamlNode.Sequence;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads one YAML document into nodes. Only data comes in: tags, merged keys, keys that are no text, repeated keys, a
 * second document, aliases to what surrounds them, deep nesting and large texts are refused, and no class is ever
 * made of what a text names. Confined to one call.
 */
final class YamlReader {
    /** The largest text, in characters: some 20,000 jobs of {@code cron} with all they may have. */
    static final int MAX_SIZE = 1 << 22;

    static final String TOO_LARGE = "the file is larger than 4 MB; a configuration is not";

    private static final int MAX_DEPTH = 64;
    private static final int MAX_ALIASES = 50;
    private static final Place TOP = new Place(1, 1, 0);

    private final String text;
    private final boolean surrogates;
    private final Parser events; // the parts of snakeyaml that make objects are not needed
    private final Map<String, YamlNode> anchors = new HashMap<>();
    private int aliases;

    private YamlReader(String text) {
        this.text = text;
        this.surrogates = text.codePointCount(0, text.length()) != text.length();
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_SIZE);
        this.events = new ParserImpl(new StreamReader(new StringReader(text)), options);
    }

    /**
     * The document's root, which is a mapping.
     *
     * @throws FaultyText with line and column
     */
    static Mapping read(String text) {
        if (text.length() > MAX_SIZE) {
            throw new FaultyText(TOP, "", TOO_LARGE);
        }
        try {
            return new YamlReader(text).document();
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            Place place = mark == null ? TOP : new Place(mark.getLine() + 1, mark.getColumn() + 1, 0);
            throw new FaultyText(place, "", "this is no YAML: " + e.getProblem());
        } catch (ReaderException e) {
            throw new FaultyText(
                    placeOf(text, text.indexOf(e.getCodePoint())),
                    "",
                    String.format("this is no YAML: U+%04X cannot stand in it; delete it", e.getCodePoint()));
        } catch (YAMLException e) {
            throw new FaultyText(TOP, "", "this is no YAML: " + firstLine(e.getMessage()));
        }
    }

    /** Where the character with an index is. */
    static Place placeOf(String text, int index) {
        String before = text.substring(0, Math.min(Math.max(0, index), text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, before.length()) + 1;
        return new Place(line, column, 0);
    }

    private Mapping document() {
        YamlNode root = null;
        while (events.peekEvent() != null) {
            Event event = events.getEvent();
            if (event instanceof NodeEvent node) {
                if (root != null) {
                    throw fault(node, "a second document begins here; keep one");
                }
                root = node(node, 0);
            }
        }
        if (root instanceof Mapping mapping) {
            return mapping;
        }
        if (root == null || root instanceof Scalar scalar && scalar.text().isEmpty()) {
            throw new FaultyText(TOP, "", "the file is empty; write at least 'name: koshi'");
        }
        throw new FaultyText(root.start(), "", "the file must hold keys and values, as 'name: koshi'");
    }

    private YamlNode node(NodeEvent event, int depth) {
        if (depth > MAX_DEPTH) {
            throw fault(event, "this is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (event instanceof AliasEvent alias) {
            return alias(alias);
        }
        YamlNode node = event instanceof ScalarEvent scalar
                ? scalar(scalar)
                : event instanceof MappingStartEvent mapping
                        ? mapping(mapping, depth)
                        : sequence((CollectionStartEvent) event, depth);
        if (event.getAnchor() != null) {
            anchors.put(event.getAnchor(), node);
        }
        return node;
    }

    private YamlNode alias(AliasEvent alias) {
        YamlNode target = anchors.get(alias.getAnchor());
        if (target == null) {
            throw fault(alias, "no value before this one is named &" + alias.getAnchor());
        }
        if (++aliases > MAX_ALIASES) {
            throw fault(alias, "more than " + MAX_ALIASES + " aliases; write the values out");
        }
        return target.at(place(alias), offset(alias.getEndMark()));
    }

    private Scalar scalar(ScalarEvent event) {
        refuseTag(event, event.getTag());
        return new Scalar(event.getValue(), event.isPlain(), place(event), offset(event.getEndMark()));
    }

    private Sequence sequence(CollectionStartEvent event, int depth) {
        refuseTag(event, event.getTag());
        List<YamlNode> items = new ArrayList<>();
        Event next = events.getEvent();
        while (!(next instanceof CollectionEndEvent)) {
            items.add(node((NodeEvent) next, depth + 1));
            next = events.getEvent();
        }
        int last = items.isEmpty()
                ? offset(event.getEndMark())
                : items.get(items.size() - 1).end();
        return new Sequence(
                event.isFlow(), List.copyOf(items), place(event), event.isFlow() ? offset(next.getEndMark()) : last);
    }

    private Mapping mapping(MappingStartEvent event, int depth) {
        refuseTag(event, event.getTag());
        List<Entry> entries = new ArrayList<>();
        Map<String, Place> keys = new HashMap<>();
        Event next = events.getEvent();
        while (!(next instanceof CollectionEndEvent)) {
            if (!(next instanceof ScalarEvent name)) {
                throw fault(next, "a key must be plain text");
            }
            Scalar key = scalar(name);
            if (key.plain() && key.text().equals("<<")) {
                throw fault(next, "merged keys are not read here; write the values out");
            }
            Place first = keys.putIfAbsent(key.text(), place(next));
            if (first != null) {
                throw fault(
                        next,
                        "the key '" + key.text() + "' is here twice, first in line " + first.line() + "; keep one");
            }
            entries.add(new Entry(key, node((NodeEvent) events.getEvent(), depth + 1)));
            next = events.getEvent();
        }
        int last = entries.isEmpty()
                ? offset(event.getEndMark())
                : entries.get(entries.size() - 1).value().end();
        return new Mapping(
                event.isFlow(), List.copyOf(entries), place(event), event.isFlow() ? offset(next.getEndMark()) : last);
    }

    private void refuseTag(Event event, String tag) {
        if (tag != null) {
            throw fault(event, "tags such as " + tag + " are not read here; write the plain value");
        }
    }

    private FaultyText fault(Event event, String sentence) {
        return new FaultyText(place(event), "", sentence);
    }

    private Place place(Event event) {
        Mark mark = event.getStartMark();
        return new Place(mark.getLine() + 1, mark.getColumn() + 1, offset(mark));
    }

    private int offset(Mark mark) {
        return surrogates ? text.offsetByCodePoints(0, mark.getIndex()) : mark.getIndex();
    }

    private static String firstLine(String message) {
        return message == null ? "" : message.lines().findFirst().orElse("");
    }
}
