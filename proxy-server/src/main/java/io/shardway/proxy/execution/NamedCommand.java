package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.AnswerKind;
import io.shardway.proxy.backend.AnswerSink;
import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.PreparedKey;
import io.shardway.proxy.protocol.Commands;
import io.shardway.router.sql.QuotedName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * SQL's EXECUTE. On every connection there is one statement by one name of the proxy's, made by
 * PREPARE when another one is wanted, so that nothing piles up there. Immutable.
 *
 * @param variables the values, as user variables of the session's
 */
record NamedCommand(PreparedKey key, List<String> variables, boolean eofPackets)
        implements BackendCommand {

    static final String NAME = "shardway";

    NamedCommand {
        variables = List.copyOf(variables);
    }

    /** ASCII, or UTF-8 on a connection that reads it so. */
    static String prepareText(PreparedKey key) {
        String text = new String(key.sql(), UTF_8).replace("'", "''");
        boolean escapes = !key.profile().dialect().noBackslashEscapes();
        return "PREPARE " + NAME + " FROM '" + (escapes ? text.replace("\\", "\\\\") : text) + "'";
    }

    /** The same values for another text. */
    NamedCommand preparedAs(PreparedKey other) {
        return new NamedCommand(other, variables, eofPackets);
    }

    /** For another text with these of the values; none means all of them. */
    NamedCommand preparedAs(PreparedKey other, int[] chosen) {
        return chosen.length == 0
                ? preparedAs(other)
                : new NamedCommand(
                        other, Arrays.stream(chosen).mapToObj(variables::get).toList(), eofPackets);
    }

    private String executeText() {
        var sql = new StringBuilder("EXECUTE ").append(NAME);
        for (int i = 0; i < variables.size(); i++) {
            sql.append(i == 0 ? " USING " : ", ");
            sql.append('@').append(QuotedName.of(variables.get(i)));
        }
        return sql.toString();
    }

    @Override
    public PreparedKey needsNamed() {
        return key;
    }

    @Override
    public void send(BackendConnection connection, AnswerSink sink, int sequenceShift) {
        byte[] text = executeText().getBytes(UTF_8);
        int before = connection.flavour().queryAttributes() ? 2 : 0;
        byte[] argument = new byte[before + text.length];
        System.arraycopy(text, 0, argument, before, text.length);
        if (before > 0) {
            argument[1] = 1;
        }
        connection.send(
                LargePackets.command(connection.allocator(), Commands.QUERY, argument),
                AnswerKind.RESULTS,
                TextCommand.rewrite(sequenceShift, eofPackets),
                sink);
    }

    @Override
    public Optional<String> text() {
        return Optional.of(new String(key.sql(), UTF_8));
    }

    @Override
    public boolean calculatesFoundRows(int warnings) {
        return new String(key.sql(), UTF_8)
                .toLowerCase(Locale.ROOT)
                .contains("sql_calc_found_rows");
    }

    @Override
    public void release() {
        // Owns no buffer.
    }
}
