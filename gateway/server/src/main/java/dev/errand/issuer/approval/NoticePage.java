package dev.errand.issuer.approval;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Pages with a single message. */
enum NoticePage {
    APPROVED(
            "You approved this call",
            "The agent may make it once, exactly as it was shown. Nothing else is allowed by it."),
    PENDING("Your approval counts", "More people must approve this call before the agent may make it."),
    REFUSED("You refused this call", "The agent may not make it for as long as its task runs."),
    WAS_REFUSED("This call was refused", "The agent may not make it for as long as its task runs."),
    WAS_USED(
            "This call was approved and made",
            "The approval was good for one call, and the agent has made it. Nothing else is allowed by it."),
    ALLOWED("You allowed this task", "The agent can begin it now. You can close this page."),
    REFUSED_TASK("You refused this task", "The agent cannot begin it. You can close this page."),
    NO_TASK(
            "No task waits for you under this code",
            "The code may be mistyped, used or too old. Or the template has changed, or other people decide about this"
                    + " task. Compare the letters with those that the agent shows, or let the agent ask again."),
    TOO_MANY_CODES("Too many wrong codes", "Wait a minute. Then try again."),
    CHANGED_TASK(
            "This task is not what you saw",
            "Somebody may have decided already. Or its time is over, or its template has changed. Nothing was allowed. Let the agent ask again."),
    NO_ERRAND("Nothing of yours runs under this name", "It may have ended already. Nothing was changed."),
    UNKNOWN(
            "There is nothing here for you",
            "The request does not exist, has ended, or is one that other people decide. A request ends after some minutes,"
                    + " and as soon as its task moves on."),
    CONFLICT(
            "Others were faster",
            "The request was decided already, or is not what you saw any more. Your decision did not count."),
    STRANGE(
            "This sign-in is over",
            "It was used before, took too long, or began in another browser. Open the request again to decide."),
    DENIED("You are not signed in", "The identity provider did not sign you in. Nothing was decided."),
    UNMET(
            "You must sign in more strongly",
            "This request needs a sign-in that your identity provider did not give, such as a second factor or a new"
                    + " sign-in. Nothing was decided."),
    OTHER_HUMAN(
            "You signed in as somebody else",
            "The call was shown to another person in this browser. Look at it before you decide. Nothing was decided."),
    NOT_HERE(
            "You cannot approve here",
            "The identity provider's token is not one that approves calls of this gateway. Its operator finds the reason"
                    + " in the gateway's log."),
    SIGNED_OUT(
            "You are signed out",
            "Your identity provider may still know you: sign out there, too, if others use this browser."),
    FORGED("This form is too old", "Open the request again, and decide there. Nothing was decided."),
    AWAY(
            "Something is unavailable",
            "The identity provider or the gateway's store does not answer. Try again in a minute."),
    ONWARD("You are signed in", "The page opens by itself.");

    private final String title;
    private final String says;

    NoticePage(String title, String says) {
        this.title = title;
        this.says = says;
    }

    /** @param to the gateway's address at which people go on */
    public String of(PageFrame frame, PageFrame.@Nullable Reader reader, String to) {
        Html body = new Html()
                .raw("<section class=\"notice " + name().toLowerCase(Locale.ROOT) + "\"><h1>" + title + "</h1><p>"
                        + says + "</p><p><a href=\"")
                .text(to)
                .raw("\">"
                        + (this == ONWARD
                                ? "Go on"
                                : this == NO_TASK || this == TOO_MANY_CODES ? "Type a code" : "See what waits for you")
                        + "</a></p></section>");
        return frame.page(title, reader, this == ONWARD ? to : null, body);
    }
}
