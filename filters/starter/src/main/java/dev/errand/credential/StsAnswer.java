package dev.errand.credential;

import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The keys in an STS's answer, which is XML without a DTD. Immutable; prints no secret. */
record StsAnswer(String id, String secret, String session) {
    private static final XMLInputFactory XML = factory();

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newInstance();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    /** Reads an answer; a {@link CredentialUnavailableException} for any that lacks one of the three. */
    static StsAnswer parse(byte[] answer) {
        Map<String, String> texts = new HashMap<>();
        try {
            XMLStreamReader reader = XML.createXMLStreamReader(new ByteArrayInputStream(answer));
            String name = "";
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamReader.START_ELEMENT) {
                    name = reader.getLocalName();
                } else if (event == XMLStreamReader.CHARACTERS) {
                    texts.putIfAbsent(name, reader.getText().strip());
                } else if (event == XMLStreamReader.END_ELEMENT) {
                    name = "";
                }
            }
        } catch (XMLStreamException malformed) {
            throw new CredentialUnavailableException("the STS's answer is not XML");
        }
        String id = texts.getOrDefault("AccessKeyId", "");
        String secret = texts.getOrDefault("SecretAccessKey", "");
        String session = texts.getOrDefault("SessionToken", "");
        if (id.isEmpty() || secret.isEmpty() || session.isEmpty()) {
            throw new CredentialUnavailableException("the STS's answer has no keys");
        }
        return new StsAnswer(id, secret, session);
    }

    @Override
    public String toString() {
        return "***";
    }
}
