package dev.errand.web.refusal;

import dev.errand.web.call.Call;
import java.util.List;

/**
 * The forms of a refusal. Immutable.
 *
 * @param list the first that fits a call is its form; the last fits every call
 */
public record RefusalForms(List<RefusalForm> list) {
    /** The forms of the product; each further one is one entry here. */
    public static final RefusalForms ALL = new RefusalForms(List.of(new Problem()));

    public RefusalForms {
        list = List.copyOf(list);
    }

    /** The form for this call. */
    public RefusalForm of(Call call) {
        return list.stream().filter(form -> form.fits(call)).findFirst().orElseThrow();
    }
}
