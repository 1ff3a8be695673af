package io.shardway.proxy.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.shardway.proxy.backend.BackendConnection;
import io.shardway.proxy.backend.CollectedAnswer;
import io.shardway.proxy.protocol.OkPacket;
import io.shardway.proxy.protocol.SessionChange;
import io.shardway.proxy.session.Session;
import io.shardway.proxy.session.TrackedState;
import io.shardway.router.plan.SessionStatements;
import io.shardway.router.sql.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A SET that changes what is tracked: what the client asked for becomes the session's, the
 * connection tracks everything again, and what the node's answer left out is read. Confined to its
 * event loop.
 */
final class TrackingRequest {

    private static final String READ =
            "SELECT @@SESSION.session_track_schema, @@SESSION.session_track_system_variables";

    private TrackingRequest() {}

    /**
     * @param done gets the node's OK with all changes of the SET; nothing when the connection is in
     *     a state nobody knows
     */
    static void read(
            Session session,
            BackendConnection connection,
            String sql,
            OkPacket ok,
            Consumer<Optional<OkPacket>> done) {
        byte[] text = sql.getBytes(UTF_8);
        Set<String> names =
                SessionStatements.variablesSetBy(
                        Tokens.of(text, 0, text.length, session.profile().dialect()));
        List<String> others =
                names.stream().filter(name -> !name.startsWith("session_track_")).toList();
        connection.query(
                READ
                        + others.stream()
                                .map(name -> ", @@SESSION." + name)
                                .collect(Collectors.joining()),
                answer -> {
                    if (answer instanceof CollectedAnswer.Rows rows && rows.rowCount() == 1) {
                        TrackedState asked = asked(session.tracked(), names, rows);
                        restore(session, connection, asked, complete(ok, others, rows), done);
                    } else {
                        done.accept(Optional.empty());
                    }
                });
    }

    private static void restore(
            Session session,
            BackendConnection connection,
            TrackedState asked,
            OkPacket complete,
            Consumer<Optional<OkPacket>> done) {
        connection.query(
                Tracking.SET,
                answer -> {
                    if (answer instanceof CollectedAnswer.Ok) {
                        session.trackedIs(asked);
                        done.accept(Optional.of(complete));
                    } else {
                        done.accept(Optional.empty());
                    }
                });
    }

    /** Of what the SET does not name, the node has the proxy's own value, not the client's. */
    private static TrackedState asked(
            TrackedState before, Set<String> names, CollectedAnswer.Rows rows) {
        TrackedState read = TrackedState.of(flag(rows), text(rows, 1));
        return new TrackedState(
                names.contains("session_track_schema") ? read.schema() : before.schema(),
                names.contains("session_track_system_variables")
                        ? read.variables()
                        : before.variables());
    }

    private static boolean flag(CollectedAnswer.Rows rows) {
        String value = text(rows, 0).toLowerCase(Locale.ROOT);
        return value.equals("1") || value.equals("on");
    }

    private static String text(CollectedAnswer.Rows rows, int column) {
        byte[] cell = rows.cell(0, column);
        return cell == null ? "" : new String(cell, UTF_8);
    }

    private static OkPacket complete(OkPacket ok, List<String> names, CollectedAnswer.Rows rows) {
        Set<String> told =
                ok.changes().stream()
                        .filter(SessionChange.SystemVariable.class::isInstance)
                        .map(change -> ((SessionChange.SystemVariable) change).name())
                        .collect(Collectors.toSet());
        var changes = new ArrayList<>(ok.changes());
        for (int i = 0; i < names.size(); i++) {
            if (!told.contains(names.get(i))) {
                byte[] value = text(rows, 2 + i).getBytes(UTF_8);
                changes.add(new SessionChange.SystemVariable(names.get(i), value));
            }
        }
        return new OkPacket(
                ok.affectedRows(),
                ok.lastInsertId(),
                ok.status(),
                ok.warnings(),
                ok.info(),
                changes);
    }
}
