package dev.errand.issuer.approval;

import dev.errand.signin.DevSignIn;
import java.util.List;

/** The page on which a visitor of a first run says who comes. */
final class DevPage {
    /** The parameter that names who comes. */
    static final String AS = "as";

    private DevPage() {}

    static String of(PageFrame frame, PageErrand look, List<DevSignIn.Person> people) {
        Html body = new Html().raw("<section class=\"notice\"><h1>Who are you?</h1>");
        for (DevSignIn.Person person : people) {
            body.raw("<form method=\"get\" action=\"")
                    .text(frame.base() + look.path().replaceFirst("\\?.*", ""))
                    .raw("\">");
            if (look.isStart() && look.id() != null) {
                hidden(body, "user_code", look.id());
            }
            hidden(body, AS, person.human().subject());
            body.raw("<p><button class=\"approve\">Sign in as ")
                    .text(person.label())
                    .raw("</button></p></form>");
        }
        return frame.page("Sign in", null, body.raw("</section>"));
    }

    private static void hidden(Html body, String name, String value) {
        body.raw("<input type=\"hidden\" name=\"" + name + "\" value=\"")
                .text(value)
                .raw("\">");
    }
}
