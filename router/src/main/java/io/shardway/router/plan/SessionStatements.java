package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.sql.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds, from the tokens alone, the statements that the session carries out itself and those that
 * are refused everywhere. Stateless.
 *
 * <p>A malformed form of a transaction statement goes to MySQL for its own syntax error where MySQL
 * certainly refuses it; elsewhere it is rejected here, because no session statement may reach a
 * backend behind the session's back.
 */
public final class SessionStatements {

    /** MySQL refuses it: the answer is its syntax error. */
    private static final Plan TO_MYSQL = new Plan.OnDefaultShard(Access.READ, Traits.NONE);

    private SessionStatements() {}

    /** What is planned in a plain keyspace: everything. */
    public static Plan planInPlain(List<Token> tokens, boolean wellFormed, String keyspace) {
        if (!wellFormed) {
            return PlainStatements.malformed(keyspace);
        }
        Plan plan =
                classify(tokens, keyspace, true)
                        .orElseGet(() -> PlainStatements.plan(tokens, keyspace));
        return plan instanceof Plan.OnDefaultShard(var access, var traits)
                ? new Plan.Plain(keyspace, access, traits)
                : plan;
    }

    /** What a statement in a plain keyspace may leave behind. */
    public static Traits traitsInPlain(List<Token> tokens) {
        return PlainTraits.of(tokens);
    }

    /**
     * Empty: an ordinary statement, for the planner.
     *
     * @param keyspace the current one; empty for none
     * @param plain whether it is plain, where more is offered
     */
    public static Optional<Plan> classify(List<Token> tokens, String keyspace, boolean plain) {
        Optional<Plan> ofKeyspace = KeyspaceStatements.plan(tokens, keyspace);
        return ofKeyspace.isPresent() ? ofKeyspace : ofSession(tokens, plain);
    }

    private static Optional<Plan> ofSession(List<Token> tokens, boolean plain) {
        var reader = new TokenReader(tokens);
        Optional<String> first =
                reader.takeOf(Token.Kind.WORD).map(word -> word.text().toLowerCase(Locale.ROOT));
        if (first.isEmpty()) {
            return RefusedStatements.find(tokens, plain);
        }
        return switch (first.get()) {
            case "begin" -> Optional.of(begin(reader));
            case "start" ->
                    reader.take("transaction")
                            ? Optional.of(startTransaction(reader))
                            : RefusedStatements.find(tokens, plain);
            case "commit" -> Optional.of(end(reader, true));
            case "rollback" -> Optional.of(rollback(reader));
            case "savepoint" -> Optional.of(savepoint(reader));
            case "release" -> Optional.of(releaseSavepoint(reader));
            case "set" -> Optional.of(SetStatements.plan(reader, plain));
            case "use" -> Optional.of(use(reader));
            case "kill" -> Optional.of(kill(reader));
            case "show" -> show(reader);
            case "select" -> select(reader, tokens, plain);
            case "unlock" ->
                    !plain && reader.takeAny("tables", "table") && reader.atEnd()
                            ? Optional.of(control(new SessionCommand.UnlockTables()))
                            : RefusedStatements.find(tokens, plain);
            case "shardway" -> Optional.of(setting(reader).orElseGet(Plan.Admin::new));
            case "get" -> Optional.of(DiagnosticsStatements.plan(reader));
            case "prepare", "execute", "deallocate", "drop" ->
                    (plain ? Optional.<Plan>empty() : NamedStatements.plan(tokens))
                            .or(() -> RefusedStatements.find(tokens, plain));
            default -> RefusedStatements.find(tokens, plain);
        };
    }

    /**
     * The session variables that a SET of variables assigns, in lower case; none for any other
     * statement.
     */
    public static Set<String> variablesSetBy(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        boolean variables = reader.take("set") && !reader.sees("session", "transaction");
        return variables ? SetStatements.assigned(reader) : Set.of();
    }

    private static Plan control(SessionCommand command) {
        return new Plan.Control(command);
    }

    // ---- transactions

    private static Plan begin(TokenReader reader) {
        reader.take("work");
        return reader.atEnd()
                ? control(new SessionCommand.Begin(Optional.empty(), false))
                : TO_MYSQL;
    }

    private static Plan startTransaction(TokenReader reader) {
        boolean snapshot = false;
        boolean readOnly = false;
        boolean readWrite = false;
        boolean more = !reader.atEnd();
        while (more) {
            if (reader.take("with", "consistent", "snapshot")) {
                snapshot = true;
            } else if (reader.take("read", "only")) {
                readOnly = true;
            } else if (reader.take("read", "write")) {
                readWrite = true;
            } else {
                return TO_MYSQL;
            }
            more = reader.takeOperator(",");
        }
        if (!reader.atEnd() || (readOnly && readWrite)) {
            return TO_MYSQL;
        }
        return control(
                new SessionCommand.Begin(
                        readOnly || readWrite ? Optional.of(readOnly) : Optional.empty(),
                        snapshot));
    }

    private static Plan rollback(TokenReader reader) {
        if (!reader.sees("to") && !reader.sees("work", "to")) {
            return end(reader, false);
        }
        reader.take("work");
        reader.take("to");
        reader.take("savepoint");
        Optional<String> name = reader.takeName();
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.RollbackTo(name.get()))
                : TO_MYSQL;
    }

    /** COMMIT or ROLLBACK: [WORK] [AND [NO] CHAIN] [[NO] RELEASE]. */
    private static Plan end(TokenReader reader, boolean commit) {
        reader.take("work");
        boolean chain = reader.take("and", "chain");
        if (!chain) {
            reader.take("and", "no", "chain");
        }
        boolean release = reader.take("release");
        if (!release) {
            reader.take("no", "release");
        }
        if (!reader.atEnd() || (chain && release)) {
            return TO_MYSQL;
        }
        return control(
                commit
                        ? new SessionCommand.Commit(chain, release)
                        : new SessionCommand.Rollback(chain, release));
    }

    private static Plan savepoint(TokenReader reader) {
        Optional<String> name = reader.takeName();
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.Savepoint(name.get()))
                : TO_MYSQL;
    }

    private static Plan releaseSavepoint(TokenReader reader) {
        if (!reader.take("savepoint")) {
            return TO_MYSQL;
        }
        Optional<String> name = reader.takeName();
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.ReleaseSavepoint(name.get()))
                : TO_MYSQL;
    }

    /** The admin statements tell what is wrong with another form. */
    private static Optional<Plan> setting(TokenReader reader) {
        if (!reader.take("set")) {
            return Optional.empty();
        }
        if (reader.take("scatter") && reader.takeOperator("=")) {
            return reader.takeOf(Token.Kind.WORD)
                    .map(word -> word.text().toLowerCase(Locale.ROOT))
                    .filter(word -> reader.atEnd() && (word.equals("on") || word.equals("off")))
                    .map(word -> control(new SessionCommand.SetScatter(word.equals("on"))));
        }
        if (!reader.take("transaction_mode") || !reader.takeOperator("=")) {
            return Optional.empty();
        }
        return reader.takeOf(Token.Kind.WORD)
                .flatMap(word -> TransactionMode.of(word.text()))
                .filter(_ -> reader.atEnd())
                .map(mode -> control(new SessionCommand.SetTransactionMode(mode)));
    }

    // ---- USE, KILL, SHOW

    private static Plan use(TokenReader reader) {
        Optional<String> name = reader.takeName();
        return name.isPresent() && reader.atEnd()
                ? control(new SessionCommand.Use(name.get()))
                : notUnderstood("USE takes one name");
    }

    private static Plan kill(TokenReader reader) {
        boolean query = reader.take("query");
        if (!query) {
            reader.take("connection");
        }
        Optional<ValueRef> id =
                reader.takeOf(Token.Kind.PARAMETER).map(_ -> new ValueRef.Parameter(0));
        if (id.isEmpty()) {
            id =
                    reader.peek()
                            .filter(TokenReader::isInteger)
                            .map(token -> new ValueRef.Literal(token.literalIndex(), false));
            id.ifPresent(_ -> reader.takeNumber());
        }
        return id.isPresent() && reader.atEnd()
                ? control(new SessionCommand.Kill(query, id.get()))
                : notUnderstood("KILL takes a connection id, written as a number");
    }

    private static Optional<Plan> show(TokenReader reader) {
        if (reader.sees("warnings") || reader.sees("errors")) {
            return Optional.of(showDiagnostics(reader.take("errors"), reader));
        }
        if (reader.sees("count")) {
            reader.take("count");
            if (reader.takeOperator("(") && reader.takeOperator("*") && reader.takeOperator(")")) {
                boolean errors = reader.sees("errors");
                if (reader.takeAny("warnings", "errors") && reader.atEnd()) {
                    String name = errors ? "@@session.error_count" : "@@session.warning_count";
                    return Optional.of(control(new SessionCommand.CountDiagnostics(errors, name)));
                }
            }
            return Optional.of(TO_MYSQL);
        }
        boolean full = reader.take("full");
        if (reader.take("processlist") && reader.atEnd()) {
            return Optional.of(control(new SessionCommand.ShowProcesses(full)));
        }
        if (!full && reader.takeAny("databases", "schemas")) {
            return showKeyspaces(reader);
        }
        if (!full && reader.take("grants")) {
            return Optional.of(showGrants(reader));
        }
        return !full && reader.take("create", "user")
                ? Optional.of(refused(AccountAdvice.SHOW))
                : Optional.empty();
    }

    private static Optional<Plan> showKeyspaces(TokenReader reader) {
        Optional<ValueRef.Literal> like =
                reader.take("like")
                        ? reader.takeOf(Token.Kind.LITERAL)
                                .map(token -> new ValueRef.Literal(token.literalIndex(), false))
                        : Optional.empty();
        return reader.atEnd()
                ? Optional.of(control(new SessionCommand.ShowKeyspaces(like)))
                : Optional.empty();
    }

    /** A backend would tell of the proxy's own account. */
    private static Plan showGrants(TokenReader reader) {
        if (reader.take("for")) {
            boolean self = reader.take("current_user");
            if (self && reader.takeOperator("(")) {
                self = reader.takeOperator(")");
            }
            if (!self) {
                return refused(AccountAdvice.SHOW);
            }
        }
        return reader.atEnd()
                ? control(new SessionCommand.ShowGrants())
                : refused(AccountAdvice.SHOW);
    }

    private static Plan showDiagnostics(boolean errors, TokenReader reader) {
        reader.take("warnings");
        long offset = 0;
        long limit = Long.MAX_VALUE;
        if (reader.take("limit")) {
            Optional<Long> first = reader.takeNumber();
            boolean comma = reader.takeOperator(",");
            boolean second = comma || reader.take("offset");
            Optional<Long> last = second ? reader.takeNumber() : Optional.of(0L);
            if (first.isEmpty() || last.isEmpty()) {
                return notUnderstood("LIMIT takes numbers here");
            }
            offset = comma ? first.get() : last.get();
            limit = comma ? last.get() : first.get();
        }
        return reader.atEnd()
                ? control(new SessionCommand.ShowDiagnostics(errors, offset, limit))
                : notUnderstood("SHOW WARNINGS and SHOW ERRORS take LIMIT only");
    }

    /** Only the session knows its warnings; a backend would count another statement's. */
    private static Optional<Plan> select(TokenReader reader, List<Token> tokens, boolean plain) {
        Optional<Token> only = reader.takeOf(Token.Kind.SYSTEM_VARIABLE);
        if (only.isPresent() && reader.atEnd()) {
            Optional<Boolean> errors = RefusedStatements.countsErrors(only.get());
            if (errors.isPresent()) {
                return Optional.of(
                        control(
                                new SessionCommand.CountDiagnostics(
                                        errors.get(), only.get().text())));
            }
        }
        return RefusedStatements.find(tokens, plain);
    }

    private static Plan refused(String advice) {
        return new Plan.Rejected(ErrorCode.NOT_OFFERED, advice);
    }

    static Plan notUnderstood(String detail) {
        return new Plan.Rejected(ErrorCode.NOT_UNDERSTOOD, detail);
    }
}
