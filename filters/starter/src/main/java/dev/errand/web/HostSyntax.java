package dev.errand.web;

import io.netty.util.NetUtil;

/**
 * The syntax of a {@code Host} field's value: {@code uri-host [":" port]} (RFC 9110 section 7.2, RFC 3986 section
 * 3.2.2), with a host that is not empty, as URLs of {@code http} and {@code https} need it. A comma is refused although
 * a name may have one, since a proxy writes two field lines as one with a comma.
 */
public final class HostSyntax {
    private static final String OTHERS = "-._~!$&'()*+;=";
    private static final int MAX_PORT = 65_535;
    private static final int MAX_PORT_DIGITS = 5;

    private HostSyntax() {}

    /** Whether an untrusted text is a host with or without a port. */
    public static boolean isHost(String value) {
        int end = value.startsWith("[") ? endOfAddress(value) : endOfName(value);
        if (end <= 0) {
            return false;
        }
        return end == value.length() || (value.charAt(end) == ':' && isPort(value, end + 1));
    }

    /** The index after an IPv6 address in brackets; -1 if it is no such address. */
    private static int endOfAddress(String value) {
        int close = value.indexOf(']');
        String address = close < 0 ? "" : value.substring(1, close);
        // A zone (such as %eth0) names an interface of one machine, and is not part of a URL's host.
        return address.indexOf('%') < 0 && NetUtil.isValidIpV6Address(address) ? close + 1 : -1;
    }

    /** The index after the name or IPv4 address; 0 if there is none. */
    private static int endOfName(String value) {
        int i = 0;
        while (i < value.length()) {
            char c = value.charAt(i);
            if (c == '%' && isHex(value, i + 1) && isHex(value, i + 2)) {
                i += 3;
            } else if (isAlphanumeric(c) || OTHERS.indexOf(c) >= 0) {
                i++;
            } else {
                break;
            }
        }
        return i;
    }

    private static boolean isPort(String value, int from) {
        if (value.length() - from > MAX_PORT_DIGITS) {
            return false;
        }
        int port = 0;
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            port = port * 10 + (c - '0');
        }
        return port <= MAX_PORT;
    }

    private static boolean isHex(String value, int at) {
        return at < value.length() && Character.digit(value.charAt(at), 16) >= 0 && value.charAt(at) < 128;
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
