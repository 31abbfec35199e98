package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.web.call.Call;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** A form that the body of a refusal is written in. Thread-safe. */
public interface RefusalForm {
    /** Whether the refusal of this call is written in this form. */
    boolean fits(Call call);

    MediaType contentType();

    byte[] body(Told told);

    /**
     * What a refusal tells its caller.
     *
     * @param task the task's id where the holder is verified, else null: then step, detail and interruption are not told
     * @param interrupted whether this denial ended the task or the token
     */
    record Told(
            String issuer,
            Denial denial,
            int status,
            String decision,
            @Nullable String task,
            boolean interrupted) {}
}
