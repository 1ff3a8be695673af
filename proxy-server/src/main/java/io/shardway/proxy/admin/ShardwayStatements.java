package io.shardway.proxy.admin;

import io.shardway.proxy.audit.Administration;
import io.shardway.proxy.audit.AuditLog;
import io.shardway.proxy.query.AdminAnswer;
import io.shardway.proxy.query.AdminCaller;
import io.shardway.proxy.query.AdminStatements;
import io.shardway.proxy.query.Explainer;
import io.shardway.proxy.query.Explanation;
import io.shardway.proxy.query.KeyspaceAdmin;
import io.shardway.proxy.query.ProxyOperator;
import io.shardway.proxy.query.ProxyStatus;
import io.shardway.proxy.settings.ProxySettings;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.sql.LikePattern;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers statements that begin with SHARDWAY. Thread-safe; may block. */
public final class ShardwayStatements implements AdminStatements {

    private final ProxyStatus status;
    private final Explainer explainer;
    private final ProxyOperator operator;
    private final ProxySettings settings;
    private final AccountAdministration accounts;
    private final AuditLog audit;

    public ShardwayStatements(
            ProxyStatus status,
            Explainer explainer,
            ProxyOperator operator,
            ProxySettings settings,
            AccountAdministration accounts,
            AuditLog audit) {
        this.status = status;
        this.explainer = explainer;
        this.operator = operator;
        this.settings = settings;
        this.accounts = accounts;
        this.audit = audit;
    }

    @Override
    public AdminAnswer execute(String sql, AdminCaller caller) {
        AdminRequest request;
        try {
            request = AdminRequest.read(sql, caller);
        } catch (ShardwayException unread) {
            return new AdminAnswer.Refused(unread.code(), unread.detail());
        }
        AdminAnswer answer = execute(request, caller);
        tell(request, caller, answer);
        return answer;
    }

    private AdminAnswer execute(AdminRequest request, AdminCaller caller) {
        if (request.statement().needsAdmin() && !caller.admin()) {
            return new AdminAnswer.Refused(
                    ErrorCode.ADMIN_RIGHT_MISSING, request.statement().syntax());
        }
        try {
            return answer(request, caller);
        } catch (ShardwayException refused) {
            return new AdminAnswer.Refused(refused.code(), refused.detail());
        }
    }

    /** Of what an EXPLAIN explains the audit log does not tell: it holds values. */
    private void tell(AdminRequest request, AdminCaller caller, AdminAnswer answer) {
        String of =
                switch (request) {
                    case AdminRequest.OfAccounts(_, var command) -> command.described();
                    case AdminRequest.OfKeyspace keyspace -> keyspace.name();
                    case AdminRequest.Numbered numbered -> Long.toString(numbered.number());
                    case AdminRequest.OfTable(_, var keyspace, var table) ->
                            keyspace.isEmpty() ? table : keyspace + "." + table;
                    case AdminRequest.Listing _, AdminRequest.Tables _, AdminRequest.Explain _ ->
                            "";
                };
        Optional<ErrorCode> refused =
                answer instanceof AdminAnswer.Refused(var code, _)
                        ? Optional.of(code)
                        : Optional.empty();
        var by =
                new Administration.Caller(
                        caller.session(),
                        caller.identity().account().toString(),
                        caller.identity().host());
        audit.administered(
                new Administration(
                        by,
                        request.statement().words(),
                        of,
                        request.statement().changes(),
                        refused));
    }

    private AdminAnswer answer(AdminRequest request, AdminCaller caller) {
        return switch (request) {
            case AdminRequest.Listing(var statement, var like) ->
                    filtered(listing(statement, caller), like);
            case AdminRequest.Tables(var keyspace, var like) ->
                    filtered(
                            TableViews.tables(
                                    status,
                                    keyspace,
                                    caller.identity().rights(),
                                    operator.describeTables()),
                            like);
            case AdminRequest.Explain(var sql) -> explain(sql, caller);
            case AdminRequest.Numbered(var statement, var number) ->
                    new AdminAnswer.Done(operate(statement, number));
            case AdminRequest.OfTable table ->
                    ReferenceViews.answer(table, operator.references(), caller);
            case AdminRequest.OfAccounts(_, var command) -> accounts.run(command, caller);
            case AdminRequest.OfKeyspace keyspace -> define(keyspace);
        };
    }

    private String operate(AdminStatement statement, long number) {
        return switch (statement) {
            case RESUME_DDL -> operator.resume(number);
            case ABANDON_DDL -> operator.abandon(number);
            case FORGET_PROXY -> operator.forgetProxy((int) Math.min(number, Integer.MAX_VALUE));
            default -> throw new IllegalStateException("takes no number: " + statement);
        };
    }

    private AdminAnswer define(AdminRequest.OfKeyspace asked) {
        KeyspaceAdmin keyspaces = operator.keyspaces();
        return new AdminAnswer.Done(
                asked.statement() == AdminStatement.CREATE_KEYSPACE
                        ? keyspaces.create(
                                asked.name(), asked.shardKey().orElseThrow(), asked.ifNotExists())
                        : keyspaces.alter(asked.name(), asked.shardKey()));
    }

    private AdminAnswer.Table listing(AdminStatement statement, AdminCaller caller) {
        return switch (statement) {
            case HELP -> help();
            case SHOW_DDL ->
                    TableViews.definitions(operator.unfinishedKeyspaces(), operator.definitions());
            case SHOW_KEYSPACES ->
                    TopologyViews.keyspaces(status.topology(), caller.identity().rights());
            case SHOW_BUCKETS -> TopologyViews.buckets(status.topology());
            case SHOW_SHARDS -> TopologyViews.shards(status.topology());
            case SHOW_PROXIES -> StatusViews.proxies(status.proxies());
            case SHOW_SEQUENCES -> StatusViews.sequences(status.sequences());
            case SHOW_POOLS -> StatusViews.pools(status.pools());
            case SHOW_SESSIONS -> StatusViews.sessions(status.sessions());
            case SHOW_SETTINGS -> settings();
            case SHOW_ACCOUNTS -> accounts.all();
            case EXPLAIN,
                    SET,
                    SHOW_TABLES,
                    RESUME_DDL,
                    ABANDON_DDL,
                    FORGET_PROXY,
                    CREATE_KEYSPACE,
                    ALTER_KEYSPACE,
                    CHECK_TABLE,
                    REPAIR_TABLE,
                    SHOW_ACCOUNT,
                    CREATE_ACCOUNT,
                    ALTER_ACCOUNT,
                    DROP_ACCOUNT,
                    GRANT,
                    REVOKE ->
                    throw new IllegalStateException("lists nothing: " + statement);
        };
    }

    private static AdminAnswer.Table filtered(AdminAnswer.Table table, LikePattern like) {
        return new AdminAnswer.Table(
                table.columns(),
                table.rows().stream().filter(row -> like.matches(first(row))).toList());
    }

    private static String first(List<@Nullable String> row) {
        String value = row.getFirst();
        return value == null ? "" : value;
    }

    private static AdminAnswer.Table help() {
        return new AdminAnswer.Table(
                List.of("statement", "needs", "what"),
                Arrays.stream(AdminStatement.values())
                        .<List<@Nullable String>>map(each ->
                                List.of(
                                        each.syntax(),
                                        each.needsAdmin() ? "admin right" : "",
                                        each.what()))
                        .toList());
    }

    private AdminAnswer.Table explain(String sql, AdminCaller caller) {
        Explanation told = explainer.explain(sql, caller);
        return new AdminAnswer.Table(
                List.of("way", "shards", "plan", "rejected", "pinned"),
                List.of(
                        Arrays.asList(
                                told.way(),
                                StatusViews.names(told.shards()),
                                told.plan(),
                                StatusViews.nullable(told.rejected()),
                                StatusViews.nullable(told.pinned()))));
    }

    private AdminAnswer.Table settings() {
        return new AdminAnswer.Table(
                List.of("setting", "value"),
                settings.describe().entrySet().stream()
                        .<List<@Nullable String>>map(
                                each -> List.of(each.getKey(), each.getValue()))
                        .toList());
    }
}
