package io.shardway.proxy.session;

import io.shardway.proxy.backend.BackendAccount;
import io.shardway.proxy.backend.BackendFlavour;
import io.shardway.proxy.backend.SettingsProfile;
import io.shardway.proxy.protocol.Capabilities;
import io.shardway.proxy.protocol.ServerStatus;
import io.shardway.router.plan.TransactionMode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a client owns between its statements. Confined to its event loop. */
public final class Session {

    private final long id;
    private final String clientAddress;
    private final Transaction transaction = new Transaction();
    private final Map<Integer, PreparedStatement> statements = new HashMap<>();

    private final Map<String, NamedStatement> named = new HashMap<>();

    private final Map<String, Long> timeouts = new HashMap<>();

    private SessionAccount account;
    private long capabilities;
    private String schema = "";
    private BackendFlavour flavour;
    private SettingsProfile loginProfile = SettingsProfile.EMPTY;
    private TrackedState tracked = TrackedState.DEFAULT;
    private SettingsProfile profile = SettingsProfile.EMPTY;
    private Diagnostics diagnostics = Diagnostics.NONE;
    private long lastInsertId;
    private long rowCount = -1;
    private long foundRows;
    private Optional<TransactionMode> transactionMode = Optional.empty();
    private Optional<Boolean> scatter = Optional.empty();
    private int nextStatementId = 1;

    public Session(long id, String clientAddress, SessionAccount account, long capabilities) {
        this.id = id;
        this.clientAddress = clientAddress;
        this.account = account;
        this.capabilities = capabilities;
        this.flavour = flavourNow();
    }

    /** Unique over all proxies of the cluster; what CONNECTION_ID() tells. */
    public long id() {
        return id;
    }

    public String clientAddress() {
        return clientAddress;
    }

    public SessionAccount account() {
        return account;
    }

    public SessionIdentity identity() {
        return account.identity();
    }

    /** COM_CHANGE_USER. */
    public void accountIs(SessionAccount now) {
        account.leave();
        account = now;
    }

    public long capabilities() {
        return capabilities;
    }

    public boolean can(long capability) {
        return (capabilities & capability) != 0;
    }

    /** COM_SET_OPTION. */
    public void multiStatements(boolean on) {
        capabilities =
                on
                        ? capabilities | Capabilities.MULTI_STATEMENTS
                        : capabilities & ~Capabilities.MULTI_STATEMENTS;
    }

    /** Of connections under the serving account. */
    public BackendFlavour flavour() {
        return flavour;
    }

    /** Of connections under another account. */
    public BackendFlavour flavour(BackendAccount account, boolean schemaless) {
        return new BackendFlavour(
                flavour.foundRows(), flavour.queryAttributes(), schemaless, account);
    }

    /** The current keyspace; empty for none. */
    public String schema() {
        return schema;
    }

    public void schemaIs(String now) {
        schema = now;
        flavour = flavourNow();
    }

    private BackendFlavour flavourNow() {
        return new BackendFlavour(
                can(Capabilities.FOUND_ROWS), can(Capabilities.QUERY_ATTRIBUTES), schema.isEmpty());
    }

    /** The settings as they were at login, to which COM_RESET_CONNECTION goes back. */
    public void loggedInWith(SettingsProfile settings) {
        loginProfile = settings;
        profile = settings;
    }

    public SettingsProfile loginProfile() {
        return loginProfile;
    }

    public SettingsProfile profile() {
        return profile;
    }

    public void profileIs(SettingsProfile now) {
        profile = now;
    }

    /** Which changes the client wants to hear of. */
    public TrackedState tracked() {
        return tracked;
    }

    public void trackedIs(TrackedState now) {
        tracked = now;
    }

    public Transaction transaction() {
        return transaction;
    }

    public Map<Integer, PreparedStatement> statements() {
        return statements;
    }

    /** What SQL's PREPARE made, by names in lower case. */
    public Map<String, NamedStatement> namedStatements() {
        return named;
    }

    public int takeStatementId() {
        return nextStatementId++;
    }

    public Optional<PreparedStatement> statement(int statementId) {
        return Optional.ofNullable(statements.get(statementId));
    }

    public Diagnostics diagnostics() {
        return diagnostics;
    }

    public void diagnosticsAre(Diagnostics now) {
        diagnostics = now;
    }

    /** What ROW_COUNT() and SHOW WARNINGS tell of a statement that ended with this error. */
    public void failedWith(int code, String sqlState, byte[] message) {
        rowCount = -1;
        diagnostics =
                Diagnostics.ofError(code, sqlState, new String(message, StandardCharsets.UTF_8));
    }

    public long lastInsertId() {
        return lastInsertId;
    }

    public void lastInsertIdIs(long now) {
        lastInsertId = now;
    }

    public long rowCount() {
        return rowCount;
    }

    public void rowCountIs(long now) {
        rowCount = now;
    }

    public long foundRows() {
        return foundRows;
    }

    public void foundRowsAre(long now) {
        foundRows = now;
    }

    /** The client's own timeouts that SET changed, in seconds, by variable name. */
    public void timeoutsAre(Map<String, Long> changed) {
        timeouts.putAll(changed);
    }

    /** After how many idle seconds the client is disconnected, if it said so itself. */
    public Optional<Long> waitTimeoutSeconds() {
        return Optional.ofNullable(timeouts.get("wait_timeout"));
    }

    /** What the client set a timeout of this name to. */
    public OptionalLong timeoutSeconds(String variable) {
        Long seconds = timeouts.get(variable);
        return seconds == null ? OptionalLong.empty() : OptionalLong.of(seconds);
    }

    /** What SHARDWAY SET transaction_mode said. */
    public Optional<TransactionMode> transactionMode() {
        return transactionMode;
    }

    public void transactionModeIs(TransactionMode now) {
        transactionMode = Optional.of(now);
    }

    /** SHARDWAY SET scatter. */
    public void scatterIs(boolean on) {
        scatter = Optional.of(on);
    }

    /**
     * Whether its statements may go to several shards.
     *
     * @param byDefault of sessions that have not chosen
     */
    public boolean scatters(boolean byDefault) {
        return !account().isScatterOff() && scatter.orElse(byDefault);
    }

    /** The status flags of an answer the proxy gives itself. */
    public int status() {
        return (profile.autocommit() ? ServerStatus.AUTOCOMMIT : 0)
                | (transaction.isOpen() ? ServerStatus.IN_TRANS : 0)
                | (isReadOnly() ? ServerStatus.IN_TRANS_READONLY : 0)
                | (profile.dialect().noBackslashEscapes() ? ServerStatus.NO_BACKSLASH_ESCAPES : 0);
    }

    private boolean isReadOnly() {
        if (!transaction.isExplicit() || transaction.beginText().endsWith("READ WRITE")) {
            return false;
        }
        if (transaction.beginText().endsWith("READ ONLY")) {
            return true;
        }
        String next = transaction.characteristics();
        return next.contains("READ ONLY")
                || (!next.contains("READ WRITE")
                        && profile.literal("transaction_read_only")
                                .filter(value -> value.equals("'ON'") || value.equals("1"))
                                .isPresent());
    }

    /**
     * COM_RESET_CONNECTION and COM_CHANGE_USER: as after login. Transaction and leases were ended
     * before.
     */
    public void reset(SettingsProfile settings) {
        statements.values().forEach(PreparedStatement::clearLongData);
        statements.clear();
        named.clear();
        timeouts.clear();
        transactionMode = Optional.empty();
        scatter = Optional.empty();
        tracked = TrackedState.DEFAULT;
        loggedInWith(settings);
        diagnostics = Diagnostics.NONE;
        lastInsertId = 0;
        rowCount = -1;
        foundRows = 0;
        transaction.ended();
        transaction.unpin();
        if (!transaction.nextCharacteristics().isEmpty()) {
            transaction.useNext();
            transaction.ended();
        }
    }
}
