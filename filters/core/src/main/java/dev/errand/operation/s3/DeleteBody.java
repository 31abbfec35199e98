package dev.errand.operation.s3;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * The body of DeleteObjects, parsed strictly, so that no other parser can see other keys: UTF-8, only elements of the
 * API, no DTD, comment, CDATA section or processing instruction. Not thread-safe: one per body.
 */
final class DeleteBody {
    /** The most keys of one request. */
    static final int MAX_KEYS = 1000;

    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
    private static final Set<String> OF_OBJECT = Set.of("Key", "VersionId", "ETag", "LastModifiedTime", "Size");
    private static final XMLInputFactory FACTORY = factory();

    private final XMLStreamReader reader;
    private final List<Deleted> keys = new ArrayList<>();

    /**
     * One object to delete.
     *
     * @param version null for the current one
     */
    record Deleted(String key, @Nullable String version) {}

    private DeleteBody(XMLStreamReader reader) {
        this.reader = reader;
    }

    /** The keys in the order sent, at least one. The caller has bounded the size of the body. */
    static List<Deleted> keys(byte[] body) throws MalformedRequestException {
        String text = decode(body);
        int from = text.startsWith("<?xml ") ? 2 : 0;
        if (text.indexOf("<?", from) >= 0 || text.indexOf("<!") >= 0) {
            throw new MalformedRequestException(
                    "the body of DeleteObjects: a DTD, comment, CDATA section or processing instruction");
        }
        try {
            DeleteBody read = new DeleteBody(FACTORY.createXMLStreamReader(new StringReader(text)));
            read.document();
            return read.keys;
        } catch (XMLStreamException e) {
            throw new MalformedRequestException("the body of DeleteObjects: not well-formed XML");
        }
    }

    private static String decode(byte[] body) throws MalformedRequestException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRequestException("the body of DeleteObjects: not UTF-8");
        }
    }

    private void document() throws XMLStreamException, MalformedRequestException {
        String encoding = reader.getCharacterEncodingScheme();
        if (encoding != null && !encoding.equalsIgnoreCase("UTF-8")) {
            throw new MalformedRequestException("the body of DeleteObjects: an encoding other than UTF-8");
        }
        if (next() != XMLStreamConstants.START_ELEMENT || !"Delete".equals(name())) {
            throw new MalformedRequestException("the body of DeleteObjects: no Delete element");
        }
        boolean quiet = false;
        for (String child = child(); child != null; child = child()) {
            if (child.equals("Object")) {
                object();
            } else if (child.equals("Quiet") && !quiet) {
                text();
                quiet = true;
            } else {
                throw unknown();
            }
        }
        if (next() != XMLStreamConstants.END_DOCUMENT || keys.isEmpty()) {
            throw new MalformedRequestException(
                    "the body of DeleteObjects: no key, or something after the Delete element");
        }
    }

    private void object() throws XMLStreamException, MalformedRequestException {
        Set<String> seen = new HashSet<>();
        String key = null;
        String version = null;
        for (String child = child(); child != null; child = child()) {
            if (!OF_OBJECT.contains(child) || !seen.add(child)) {
                throw unknown();
            }
            String value = text();
            key = child.equals("Key") ? value : key;
            version = child.equals("VersionId") ? value : version;
        }
        if (key == null || !ObjectName.isKey(key)) {
            throw new MalformedRequestException(
                    "the body of DeleteObjects: an Object without a Key, or with one that has a dot segment, a backslash,"
                            + " a control character, or white space at its ends");
        }
        keys.add(new Deleted(key, version));
        if (keys.size() > MAX_KEYS) {
            throw new MalformedRequestException("the body of DeleteObjects: more than " + MAX_KEYS + " keys");
        }
    }

    /** The next child element's name, or null at the end of its parent. */
    private @Nullable String child() throws XMLStreamException, MalformedRequestException {
        int event = next();
        if (event == XMLStreamConstants.END_ELEMENT) {
            return null;
        } else if (event != XMLStreamConstants.START_ELEMENT) {
            throw unknown();
        }
        return name();
    }

    private int next() throws XMLStreamException, MalformedRequestException {
        int event = reader.next();
        while ((event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.SPACE) && reader.isWhiteSpace()) {
            event = reader.next();
        }
        if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
            throw unknown();
        }
        return event;
    }

    private String name() throws MalformedRequestException {
        String namespace = reader.getNamespaceURI();
        boolean plain = reader.getPrefix() == null || reader.getPrefix().isEmpty();
        if (!plain || reader.getAttributeCount() > 0 || (namespace != null && !namespace.equals(NAMESPACE))) {
            throw new MalformedRequestException(
                    "the body of DeleteObjects: an attribute, a prefix or another namespace");
        }
        return reader.getLocalName();
    }

    private String text() throws XMLStreamException, MalformedRequestException {
        StringBuilder text = new StringBuilder();
        int event = reader.next();
        while (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.SPACE) {
            text.append(reader.getText());
            event = reader.next();
        }
        if (event != XMLStreamConstants.END_ELEMENT) {
            throw unknown();
        }
        return text.toString();
    }

    private static MalformedRequestException unknown() {
        return new MalformedRequestException(
                "the body of DeleteObjects: an element, a text or an entity where the API has none");
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        return factory;
    }
}
