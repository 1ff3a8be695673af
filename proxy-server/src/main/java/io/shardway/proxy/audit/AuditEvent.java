package io.shardway.proxy.audit;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of the audit log. Immutable. What clients chose themselves, such as a user's name, may
 * hold anything: control characters, quotes and backslashes are written as {@code \u000A}, so that
 * no client can write a line of its own.
 *
 * @param what login, login-refused, administration, kill or gap
 * @param fields in the order in which they are written
 */
record AuditEvent(Instant time, String what, Map<String, String> fields) {

    private static final int VALUE_LENGTH_MAX = 500;

    AuditEvent {
        var plain = new LinkedHashMap<String, String>();
        fields.forEach((name, value) -> plain.put(name, plain(value)));
        fields = plain;
    }

    private static String plain(String value) {
        var text = new StringBuilder();
        for (int index = 0; index < Math.min(value.length(), VALUE_LENGTH_MAX); index++) {
            char letter = value.charAt(index);
            if (Character.isISOControl(letter)
                    || Character.getType(letter) == Character.FORMAT
                    || letter == '"'
                    || letter == '\\'
                    || letter == '\u2028'
                    || letter == '\u2029') {
                text.append("\\u%04X".formatted((int) letter));
            } else {
                text.append(letter);
            }
        }
        return value.length() > VALUE_LENGTH_MAX ? text.append("...").toString() : text.toString();
    }
}
