package dev.errand.jose;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * A place in a key file.
 *
 * @param line from 1
 * @param column from 1
 */
record KeyFilePosition(int line, int column) {
    static final KeyFilePosition START = new KeyFilePosition(1, 1);

    /** The place of each element of the {@code keys} array. The text is well-formed JSON. */
    static List<KeyFilePosition> ofKeys(String text) {
        List<KeyFilePosition> positions = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean keys = "keys".equals(parser.currentName());
                if (parser.nextToken() == JsonToken.START_ARRAY && keys) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        positions.add(of(parser.currentTokenLocation()));
                        parser.skipChildren();
                    }
                }
                parser.skipChildren();
            }
        } catch (JacksonException malformed) {
            positions.add(of(malformed.getLocation()));
        }
        return positions;
    }

    /** The place where the text stops being JSON; the start if it is JSON. */
    static KeyFilePosition ofFault(String text) {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            while (parser.nextToken() != null) {
                parser.skipChildren();
            }
            return START;
        } catch (JacksonException malformed) {
            return of(malformed.getLocation());
        }
    }

    private static KeyFilePosition of(TokenStreamLocation location) {
        return new KeyFilePosition(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }
}
