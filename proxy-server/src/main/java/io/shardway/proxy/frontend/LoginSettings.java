package io.shardway.proxy.frontend;

import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Collations;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.sql.Charsets;
import java.util.HashMap;
import java.util.Map;

/** The settings a new session begins with. Stateless. */
final class LoginSettings {

    private LoginSettings() {}

    /** The settings that the collation named at login stands for. */
    static SettingsProfile profileOf(int collation) {
        int known = Collations.nameOf(collation).isPresent() ? collation : Collations.UTF8MB4;
        String name = Collations.nameOf(known).orElseThrow();
        String charset = Collations.charsetOf(known).orElseThrow();
        if (Charsets.isUnreadable(charset)) {
            throw new ShardwayException(
                    ErrorCode.NOT_OFFERED, "character set " + charset + "; use utf8mb4");
        }
        Map<String, String> literals = new HashMap<>();
        literals.put("character_set_client", "'" + charset + "'");
        literals.put("character_set_results", "'" + charset + "'");
        literals.put("collation_connection", "'" + name + "'");
        return SettingsProfile.of(literals);
    }
}
