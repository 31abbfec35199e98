package dev.errand.web.refusal;

import dev.errand.operation.RefusalStyle;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;

/** One line of plain text. Of all answers of a server, git prints only this form. */
final class PlainText implements RefusalForm {
    private static final MediaType TYPE = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.TEXT;
    }

    @Override
    public MediaType contentType() {
        return TYPE;
    }

    @Override
    public byte[] body(RefusalContent told) {
        return told.message().getBytes(StandardCharsets.UTF_8);
    }
}
