package dev.errand.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The strict reader of one YAML document. It uses the events of snakeyaml-engine, since its loader does not keep the
 * places of values. Only {@code true}, {@code false}, {@code null} (or nothing) and JSON numbers are not strings.
 * Anchors, aliases, merges, tags, duplicate keys and a second document are faults. Size and depth are bounded. One
 * object reads one text; {@link #read} and {@link #parse} are thread-safe.
 */
public final class Yaml {
    /** The largest size of a file, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    /** The deepest nesting. */
    public static final int MAX_DEPTH = 64;

    private final String file;
    private final Iterator<Event> events;

    private Yaml(String file, String text) {
        this.file = file;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(Integer.MAX_VALUE)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * Reads a file; null, with a fault, if it is not one valid document. {@code name} is the file's name in messages.
     */
    public static @Nullable YamlNode read(Path path, String name, Faults faults) {
        try {
            if (Files.size(path) > MAX_BYTES) {
                faults.add(new Position(name, 1, 1), "larger than " + MAX_BYTES + " bytes");
                return null;
            }
            return parse(name, Files.readAllBytes(path), MAX_BYTES, faults);
        } catch (IOException e) {
            faults.add(new Position(name, 1, 1), "cannot be read");
            return null;
        }
    }

    /** The {@code *.yaml} and {@code *.yml} files of a folder, without hidden ones, by name. */
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("[^.].*\\.ya?ml"))
                    .sorted()
                    .toList();
        }
    }

    /** Reads UTF-8 bytes; null, with a fault, if they are not one valid document of at most {@code maxBytes}. */
    public static @Nullable YamlNode parse(String file, byte[] utf8, int maxBytes, Faults faults) {
        Position start = new Position(file, 1, 1);
        if (utf8.length > maxBytes) {
            faults.add(start, "larger than " + maxBytes + " bytes");
            return null;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            faults.add(start, "not UTF-8");
            return null;
        }
        return parse(file, text, faults);
    }

    /** Reads text whose size the caller has bounded; null, with a fault, if it is not one valid document. */
    public static @Nullable YamlNode parse(String file, String text, Faults faults) {
        try {
            return new Yaml(file, text).document();
        } catch (Refused e) {
            faults.add(e.fault);
        } catch (MarkedYamlEngineException e) {
            Position at = e.getProblemMark().map(mark -> position(file, mark)).orElse(new Position(file, 1, 1));
            faults.add(at, "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            faults.add(new Position(file, 1, 1), "not YAML: it has a character that YAML does not allow");
        }
        return null;
    }

    private YamlNode document() throws Refused {
        events.next(); // stream start
        if (events.next().getEventId() == Event.ID.StreamEnd) {
            throw refused(new Position(file, 1, 1), "empty: expected one document");
        }
        YamlNode root = node(events.next(), 1);
        events.next(); // document end
        Event last = events.next();
        if (last.getEventId() != Event.ID.StreamEnd) {
            throw refused(at(last), "a second document: one file holds one");
        }
        return root;
    }

    private YamlNode node(Event event, int depth) throws Refused {
        Position at = at(event);
        if (event instanceof AliasEvent) {
            throw refused(at, "aliases (*) are not allowed: write the value again");
        }
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            throw refused(at, "anchors (&) are not allowed: write the value where it is used");
        }
        Optional<String> tag = event instanceof ScalarEvent scalar
                ? scalar.getTag()
                : event instanceof CollectionStartEvent start ? start.getTag() : Optional.empty();
        if (tag.isPresent()) {
            throw refused(at, "tags (!) are not allowed: quote the value to make it a string");
        }
        if (depth > MAX_DEPTH) {
            throw refused(at, "nested deeper than " + MAX_DEPTH);
        }
        if (event instanceof ScalarEvent scalar) {
            return new YamlScalar(
                    at, scalar.getValue(), scalar.isPlain() ? type(scalar.getValue()) : YamlScalar.Type.STRING);
        }
        return event.getEventId() == Event.ID.SequenceStart ? list(at, depth) : map(at, depth);
    }

    private YamlList list(Position at, int depth) throws Refused {
        List<YamlNode> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new YamlList(at, items);
    }

    private YamlMap map(Position at, int depth) throws Refused {
        Map<String, YamlNode> values = new LinkedHashMap<>();
        Map<String, Position> keys = new LinkedHashMap<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            YamlNode key = node(event, depth + 1);
            if (!(key instanceof YamlScalar name)) {
                throw refused(key.at(), "a key must be a string, found " + key.kind());
            }
            if (event instanceof ScalarEvent scalar
                    && scalar.isPlain()
                    && name.text().equals("<<")) {
                throw refused(key.at(), "merges (<<) are not allowed: write the keys out");
            }
            if (keys.put(name.text(), name.at()) != null) {
                throw refused(key.at(), "duplicate key '" + name.text() + "'");
            }
            values.put(name.text(), node(events.next(), depth + 1));
        }
        return new YamlMap(at, values, keys);
    }

    static YamlScalar.Type type(String plain) {
        return switch (plain) {
            case "", "null" -> YamlScalar.Type.NULL;
            case "true", "false" -> YamlScalar.Type.BOOLEAN;
            default -> isNumber(plain) ? YamlScalar.Type.NUMBER : YamlScalar.Type.STRING;
        };
    }

    /** Whether the text is a number by RFC 8259 section 6. */
    private static boolean isNumber(String text) {
        int i = text.startsWith("-") ? 1 : 0;
        int whole = digits(text, i);
        if (whole == i || (whole > i + 1 && text.charAt(i) == '0')) {
            return false;
        }
        i = whole;
        if (i < text.length() && text.charAt(i) == '.') {
            int fraction = digits(text, i + 1);
            if (fraction == i + 1) {
                return false;
            }
            i = fraction;
        }
        if (i < text.length() && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
            int sign =
                    i + 1 < text.length() && (text.charAt(i + 1) == '+' || text.charAt(i + 1) == '-') ? i + 2 : i + 1;
            int exponent = digits(text, sign);
            if (exponent == sign) {
                return false;
            }
            i = exponent;
        }
        return i == text.length();
    }

    private static int digits(String text, int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private Position at(Event event) {
        return event.getStartMark().map(mark -> position(file, mark)).orElse(new Position(file, 1, 1));
    }

    private static Position position(String file, Mark mark) {
        return new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Refused refused(Position at, String message) {
        return new Refused(Fault.of(at, message));
    }

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Fault fault;

        Refused(Fault fault) {
            super(fault.message());
            this.fault = fault;
        }
    }
}
