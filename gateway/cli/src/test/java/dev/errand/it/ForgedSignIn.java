package dev.errand.it;

import dev.errand.it.Approver.Asked;
import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A sign-in that an attacker makes of a cookie, which it sets in the browser of a human: the approval of its own call, in that human's
 * name. State and proof key are codes by the cookie's value.
 */
record ForgedSignIn(String cookie, String state, String verifier, String provider, String redirect) {
    /** @param session the value of the human's session cookie, which the browser also sends to the attacker's port; or empty */
    static ForgedSignIn of(Asked asked, TestProvider provider, String redirect, String session) throws Exception {
        String cookie = "A_cookie_of_43_characters_by_an_attacker_xx";
        String purpose = "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\",\"human\":\""
                + Sha256.base64UrlOf(provider.issuer() + "\n" + provider.subject) + "\",\"id\":\"" + asked.id()
                + "\",\"session\":\"" + Sha256.base64UrlOf("mark\napprovals\n" + session) + "\"}";
        String payload = Base64Url.encode(("{\"at\":" + Instant.now().getEpochSecond() + ",\"for\":" + purpose
                        + ",\"n\":\"" + "A".repeat(43) + "\"}")
                .getBytes(StandardCharsets.UTF_8));
        return new ForgedSignIn(
                cookie,
                payload + '.' + code(cookie, "state\n" + payload),
                code(cookie, "pkce\n" + payload),
                provider.issuer(),
                redirect);
    }

    private static String code(String key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64Url.encode(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Where the attacker leads the browser: to the provider, which knows its human. */
    String location() {
        return provider + "/authorize?response_type=code&client_id=" + Approver.CLIENT + "&redirect_uri="
                + encode(redirect) + "&scope=openid&resource=" + encode(Approver.AUDIENCE) + "&state=" + encode(state)
                + "&code_challenge=" + Sha256.base64UrlOf(verifier) + "&code_challenge_method=S256";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
