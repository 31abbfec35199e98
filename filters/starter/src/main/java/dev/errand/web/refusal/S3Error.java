package dev.errand.web.refusal;

import dev.errand.operation.RefusalStyle;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.springframework.http.MediaType;

/** The XML {@code Error} of S3 (Amazon S3 API reference, "REST error responses"). */
final class S3Error implements RefusalForm {
    /** Sharing it is safe: it is made once, and never configured afterwards. */
    private static final XMLOutputFactory FACTORY = XMLOutputFactory.newDefaultFactory();

    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.S3;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_XML;
    }

    @Override
    public byte[] body(RefusalContent told) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try {
            XMLStreamWriter xml = FACTORY.createXMLStreamWriter(out, StandardCharsets.UTF_8.name());
            xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
            xml.writeStartElement("Error");
            element(xml, "Code", code(told.status()));
            element(xml, "Message", told.message());
            element(xml, "RequestId", String.valueOf(told.decision()));
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible);
        }
        return out.toByteArray();
    }

    private static void element(XMLStreamWriter xml, String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "InvalidRequest";
            case 429 -> "SlowDown";
            case 502, 504 -> "InternalError";
            case 503 -> "ServiceUnavailable";
            default -> "AccessDenied";
        };
    }
}
