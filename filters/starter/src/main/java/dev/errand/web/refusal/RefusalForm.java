package dev.errand.web.refusal;

import org.springframework.http.MediaType;

/** A form that the body of a refusal is written in. Thread-safe. */
public interface RefusalForm {
    /** Whether this refusal is written in this form. */
    boolean fits(RefusalContent told);

    MediaType contentType();

    byte[] body(RefusalContent told);

    /** The HTTP status of the answer. */
    default int status(RefusalContent told) {
        return told.status();
    }
}
