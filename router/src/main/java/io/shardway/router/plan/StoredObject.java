package io.shardway.router.plan;

import io.shardway.router.sql.QuotedName;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A statement that makes, changes, drops or shows a view, routine, trigger or event, read as far as
 * its names. Immutable.
 *
 * <p>Such objects outlive the proxy that made them and run with their definer's rights: the owner
 * account makes them, and their definer is the keyspace's own account whatever the client wrote.
 *
 * @param verb CREATE, ALTER, DROP or SHOW, in lower case
 * @param kind VIEW, PROCEDURE, FUNCTION, TRIGGER or EVENT, in lower case
 * @param definerFrom offset where the definer is written, or is to be written
 * @param definerTo where it ends; the same offset if there is none
 * @param schemas that qualify the names of objects
 * @param loadable a function from a library of the server
 */
public record StoredObject(
        String verb,
        String kind,
        int definerFrom,
        int definerTo,
        List<String> schemas,
        boolean loadable) {

    private static final List<String> KINDS =
            List.of("view", "procedure", "function", "trigger", "event");

    public StoredObject {
        schemas = List.copyOf(schemas);
    }

    /** Empty if the statement is none of these, or any account of the keyspace may run it. */
    static Optional<StoredObject> find(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        if (reader.take("show", "create")) {
            return kind(reader)
                    .filter(kind -> kind.equals("procedure") || kind.equals("function"))
                    .flatMap(kind -> named("show", kind, Definer.NONE, reader));
        }
        if (reader.take("drop")) {
            return kind(reader)
                    .filter(kind -> !kind.equals("view"))
                    .flatMap(kind -> named("drop", kind, Definer.NONE, reader));
        }
        if (reader.take("create")) {
            reader.take("or", "replace");
            return defined("create", reader);
        }
        return reader.take("alter") ? defined("alter", reader) : Optional.empty();
    }

    /** Where a definer is written, or would be. */
    private record Definer(int from, int to) {
        static final Definer NONE = new Definer(-1, -1);
    }

    private static Optional<StoredObject> defined(String verb, TokenReader reader) {
        if (reader.take("algorithm")) {
            reader.takeOperator("=");
            reader.takeName();
        }
        Optional<Definer> definer = definer(reader);
        if (definer.isEmpty()) {
            return Optional.empty();
        }
        if (reader.take("sql", "security")) {
            reader.takeName();
        }
        boolean aggregate = reader.take("aggregate");
        Optional<String> kind = kind(reader);
        boolean withoutDefiner =
                verb.equals("alter")
                        && kind.map(name -> name.equals("procedure") || name.equals("function"))
                                .orElse(false);
        return kind.flatMap(name ->
                        named(verb, name, withoutDefiner ? Definer.NONE : definer.get(), reader))
                .map(object -> aggregate ? object.asLoadable() : object);
    }

    private StoredObject asLoadable() {
        return new StoredObject(verb, kind, definerFrom, definerTo, schemas, true);
    }

    /** DEFINER = name@host, or CURRENT_USER; empty if it is written in an unknown way. */
    private static Optional<Definer> definer(TokenReader reader) {
        Optional<Token> first = reader.peek();
        if (first.isEmpty() || !reader.take("definer")) {
            return first.map(token -> new Definer(token.start(), token.start()));
        }
        if (!reader.takeOperator("=")) {
            return Optional.empty();
        }
        Optional<Token> user = reader.peek();
        boolean known =
                user.map(token -> token.isIdentifier() || token.kind() == Token.Kind.LITERAL)
                        .orElse(false);
        if (!known) {
            return Optional.empty();
        }
        reader.takeOf(user.get().kind());
        int end = user.get().end();
        Optional<Token> host = reader.takeOf(Token.Kind.USER_VARIABLE);
        if (host.isPresent()) {
            end = host.get().end();
        } else if (user.get().isWord("current_user") && reader.takeOperator("(")) {
            end = reader.peek().map(Token::end).orElse(end);
            reader.takeOperator(")");
        }
        return Optional.of(new Definer(first.get().start(), end));
    }

    private static Optional<String> kind(TokenReader reader) {
        return KINDS.stream().filter(kind -> reader.take(kind)).findFirst();
    }

    private static Optional<StoredObject> named(
            String verb, String kind, Definer definer, TokenReader reader) {
        if (!reader.take("if", "not", "exists")) {
            reader.take("if", "exists");
        }
        var schemas = new ArrayList<String>();
        do {
            takeQualified(reader, schemas);
        } while (verb.equals("drop") && reader.takeOperator(","));
        boolean loadable = false;
        while (!reader.atEnd()) {
            loadable |= kind.equals("function") && reader.sees("soname");
            boolean table = kind.equals("trigger") && verb.equals("create") && reader.take("on");
            boolean renamed =
                    kind.equals("event") && verb.equals("alter") && reader.take("rename", "to");
            if (table || renamed) {
                takeQualified(reader, schemas);
            } else {
                reader.skip();
            }
        }
        return Optional.of(
                new StoredObject(verb, kind, definer.from(), definer.to(), schemas, loadable));
    }

    private static void takeQualified(TokenReader reader, List<String> schemas) {
        Optional<String> first = reader.takeName();
        if (first.isPresent() && reader.takeOperator(".")) {
            schemas.add(first.get());
            reader.takeName();
        }
    }

    Access access() {
        return verb.equals("show") ? Access.READ : Access.WRITE;
    }

    /** Why it cannot be carried out in this keyspace, if so. */
    Optional<String> obstacle(String keyspace) {
        if (loadable) {
            return Optional.of("functions from libraries are installed on the nodes themselves");
        }
        return schemas.stream()
                .filter(schema -> !schema.equals(keyspace))
                .findFirst()
                .map(schema ->
                        "USE `" + schema + "` first: a " + kind + " belongs to its keyspace");
    }

    /** Of a statement that is known to be one of these. */
    public static StoredObject read(byte[] text, int from, int to, SqlDialect dialect) {
        return find(Tokens.of(text, from, to, dialect)).orElseThrow();
    }

    /**
     * The statement text[from,to) with this account as definer.
     *
     * @param to where it ends with its body, which may lie behind what {@link #read} was given
     */
    public byte[] definedBy(String account, byte[] text, int from, int to) {
        var out = new ByteArrayOutputStream(to - from + 64);
        if (definerFrom < 0) {
            out.write(text, from, to - from);
            return out.toByteArray();
        }
        out.write(text, from, definerFrom - from);
        out.writeBytes(
                ("DEFINER=" + QuotedName.of(account) + "@`%` ").getBytes(StandardCharsets.UTF_8));
        out.write(text, definerTo, to - definerTo);
        return out.toByteArray();
    }
}
