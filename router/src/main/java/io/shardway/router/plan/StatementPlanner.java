package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import io.shardway.router.keyspace.Epoch;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.schema.Catalog;
import io.shardway.router.sql.Lexer;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import io.shardway.router.sql.Token;
import io.shardway.router.sql.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DeleteContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.DoStatementContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExecuteContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExplainContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.HelpContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.InsertContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ReplaceContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.SelectContext;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.UpdateContext;

/**
 * Decides what to do with a statement in a sharded keyspace, once for each shape of SQL: relay it
 * by its shard key, to the default shard, to any shard, or refuse it. In doubt it refuses. Keeps
 * nothing but what the parser has learnt; thread-safe.
 */
public final class StatementPlanner {

    private static final Catalog NO_CATALOG = new Catalog(Epoch.NONE, Map.of(), Set.of());

    private final GrammarMemory memory;

    /** With a memory of its own, of 64 MiB. */
    public StatementPlanner() {
        this(new GrammarMemory(64L << 20));
    }

    public StatementPlanner(GrammarMemory memory) {
        this.memory = memory;
    }

    /** A statement in the middle of a text. */
    private record Source(byte[] text, int from, int to, SqlDialect dialect, Literals literals) {}

    /**
     * Plans one statement. Of the plan's traits only {@link Traits#tables} and {@link
     * Traits#insertId} are known: see {@link #withTraits}.
     *
     * @param from where the statement begins in {@code text}; it ends before {@code to}
     * @param literals of exactly this statement
     * @param currentKeyspace empty if none is selected
     */
    public Planned plan(
            byte[] text,
            int from,
            int to,
            SqlDialect dialect,
            Literals literals,
            String currentKeyspace,
            Catalog catalog) {
        var tables = new TableResolver(catalog, currentKeyspace);
        Plan plan = plan(new Source(text, from, to, dialect, literals), tables);
        return new Planned(plan, tables.needs().of(plan));
    }

    private Plan plan(Source source, TableResolver tables) {
        try {
            var tokens = Tokens.of(source.text(), source.from(), source.to(), source.dialect());
            if (LoadReader.begins(tokens)) {
                return LoadReader.read(tokens, tables);
            }
            var sql =
                    ParsedSql.of(
                            ParserText.of(
                                    source.text(),
                                    source.from(),
                                    source.to(),
                                    source.dialect(),
                                    source.literals()),
                            memory);
            if (isShow(sql)) {
                return show(sql, source, tables);
            }
            Optional<ExecuteContext> tree = sql.tree();
            return tree.isEmpty() || tree.get().getChildCount() < 2
                    ? Unparsed.plan(sql, tables)
                    : described(
                            statement((ParserRuleContext) tree.get().getChild(0), sql, tables),
                            sql,
                            tables);
        } catch (ReadAgain again) {
            return unfolded(source, tables, again);
        } catch (PlanRejection rejection) {
            return rejection.plan();
        } catch (StackOverflowError _) {
            return new Plan.Rejected(ErrorCode.NOT_UNDERSTOOD, "it is nested too deeply");
        }
    }

    /** Plans it as it must be written. */
    private Plan unfolded(Source source, TableResolver tables, ReadAgain again) {
        byte[] own = Arrays.copyOfRange(source.text(), source.from(), source.to());
        byte[] text =
                again.unfolding()
                        .write(
                                new Unfolding.Whole(own, ParameterValues.NONE, new int[0]),
                                source.dialect())
                        .text();
        var lexer = new Lexer();
        lexer.scan(text, 0, text.length, source.dialect());
        Plan plan =
                plan(
                        new Source(text, 0, text.length, source.dialect(), lexer),
                        new TableResolver(tables.catalog(), tables.currentKeyspace()));
        return again.plan(plan);
    }

    private static Plan show(ParsedSql sql, Source source, TableResolver tables) {
        var tokens = Tokens.of(source.text(), source.from(), source.to(), source.dialect());
        Optional<String> keyspace = new ShowReader(new TokenReader(tokens), tables).read();
        boolean reads = ShowReader.readsTables(new TokenReader(tokens));
        Traits traits = reads ? Traits.ON_TABLES : Traits.NONE;
        Plan relayed = Unparsed.show(sql, traits);
        if (keyspace.filter(tables.catalog().plain()::contains).isPresent()) {
            return new Plan.Plain(keyspace.get(), Access.READ, traits);
        }
        Optional<String> shown = keyspace.filter(name -> isShown(name, tables));
        return ShowTranslation.of(tokens, shown)
                .<Plan>map(reading -> new Plan.Described(reading, Access.READ, traits))
                .orElse(relayed);
    }

    /** The keyspace that a SHOW statement names; empty if it names none, or is no SHOW. */
    public static Optional<String> shows(List<Token> tokens) {
        var reader = new TokenReader(tokens);
        if (!reader.sees("show")) {
            return Optional.empty();
        }
        var names = new TableResolver(NO_CATALOG, "");
        try {
            return new ShowReader(reader, names).read();
        } catch (PlanRejection _) {
            return Optional.empty();
        }
    }

    /** Of others MySQL says that it does not know them. */
    private static boolean isShown(String keyspace, TableResolver tables) {
        return tables.catalog().has(keyspace) || InformationSchema.isNamed(keyspace);
    }

    /** What reads information_schema is written anew for each account. */
    private static Plan described(Plan plan, ParsedSql sql, TableResolver tables) {
        Optional<SchemaReading> reading = tables.schemaReader().reading(sql);
        if (reading.isEmpty() || plan instanceof Plan.Rejected) {
            return plan;
        }
        if (plan instanceof Plan.OnDefaultShard(var access, var traits)) {
            return new Plan.Described(reading.get(), access, traits);
        }
        throw PlanRejection.notUnderstood("information_schema in such a statement");
    }

    /** The same plan for a statement with these traits, but for those that the planner knows. */
    public static Plan withTraits(Plan plan, Traits traits) {
        return switch (plan) {
            case Plan.Keyed(var pin, var access, var own, var otherwise) ->
                    new Plan.Keyed(
                            pin,
                            access,
                            traits.plannedAs(own),
                            otherwise.map(read -> (Plan.Assemble) withTraits(read, traits)));
            case Plan.KeyedInsert(var key, var own) ->
                    new Plan.KeyedInsert(key, traits.plannedAs(own));
            case Plan.AnyShard(var access, var own) ->
                    new Plan.AnyShard(access, traits.plannedAs(own));
            case Plan.Assemble read -> read.withTraits(traits.plannedAs(read.traits()));
            case Plan.OnDefaultShard(var access, var own) ->
                    new Plan.OnDefaultShard(access, traits.plannedAs(own));
            case Plan.WriteReference write -> ReferenceWrites.withTraits(write, traits);
            case Plan.SpreadWrite write -> SpreadWrites.withTraits(write, traits);
            case Plan.Explain(var explained, var head, var analyzes, var own) ->
                    new Plan.Explain(
                            switch (explained) {
                                case Plan.Assemble read -> (Plan.Assemble) withTraits(read, traits);
                                case Plan.SpreadWrite write -> write;
                            },
                            head,
                            analyzes,
                            traits.plannedAs(own));
            case Plan.Load(var file, var own) -> new Plan.Load(file, traits.plannedAs(own));
            case Plan.InsertSelect insert -> InsertSelects.withTraits(insert, traits);
            case Plan.Change change -> AssembledChanges.withTraits(change, traits);
            case Plan.Described(var reading, var access, var own) ->
                    new Plan.Described(reading, access, traits.plannedAs(own));
            case Plan.Plain(var keyspace, var access, var own) ->
                    new Plan.Plain(keyspace, access, traits.plannedAs(own));
            case Plan.DefineTable define -> CreateSelects.withTraits(define, traits);
            case Plan.Stored _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineKeyspace _,
                    Plan.Rejected _ ->
                    plan;
        };
    }

    private static boolean isShow(ParsedSql sql) {
        return sql.tokens().getFirst().getType() == MySQLStatementLexer.SHOW;
    }

    private static Plan statement(ParserRuleContext tree, ParsedSql sql, TableResolver tables) {
        return switch (tree) {
            case SelectContext select -> select(select, new QueryReader(sql, tables));
            case InsertContext insert -> {
                var reader = new QueryReader(sql, tables);
                yield insert(InsertReader.read(reader, insert), reader, insert);
            }
            case ReplaceContext replace -> {
                var reader = new QueryReader(sql, tables);
                yield insert(InsertReader.read(reader, replace), reader, replace);
            }
            case UpdateContext update -> {
                var reader = new QueryReader(sql, tables);
                yield write(WriteReader.of(reader, update), reader, update);
            }
            case DeleteContext delete -> {
                var reader = new QueryReader(sql, tables);
                yield write(WriteReader.of(reader, delete), reader, delete);
            }
            case ExplainContext explain -> explain(explain, sql, tables);
            case DoStatementContext _ -> select(tree, new QueryReader(sql, tables));
            case HelpContext _ -> new Plan.OnDefaultShard(Access.READ, Traits.NONE);
            default -> Definitions.plan(tree, sql, tables);
        };
    }

    private static Plan select(ParserRuleContext tree, QueryReader reader) {
        reader.walk(tree, QueryBlock.within(Optional.empty()));
        if (reader.locksForUpdate()) {
            reader.tables().needs().writesAll();
        }
        Access access = reader.isLocking() ? Access.LOCKING_READ : Access.READ;
        Plan plan;
        try {
            plan = decide(reader, access, Set.of());
        } catch (ReadAgain again) {
            throw again.scattered(
                    SingleSelect.of(reader, tree)
                            .flatMap(select -> ScatterReader.read(reader, select)));
        }
        return switch (plan) {
            case Plan.Assemble assemble -> scattered(assemble, tree, reader);
            case Plan.Keyed(var pin, var read, var traits, var otherwise) ->
                    new Plan.Keyed(
                            pin,
                            read,
                            traits,
                            otherwise.map(several -> scattered(several, tree, reader)));
            default -> plan;
        };
    }

    private static Plan.Assemble scattered(
            Plan.Assemble plan, ParserRuleContext tree, QueryReader reader) {
        Optional<SingleSelect> single = SingleSelect.of(reader, tree);
        Optional<Scatter> scatter = single.flatMap(select -> ScatterReader.read(reader, select));
        Optional<Partials> partials =
                scatter.isPresent()
                        ? Optional.empty()
                        : SingleSelect.ofKeys(reader, tree)
                                .flatMap(select -> PartialsReader.read(reader, select));
        return plan.scattered(scatter)
                .groupedBy(partials)
                .toppedBy(single.flatMap(select -> TopReader.read(reader, select)));
    }

    private static Plan insert(InsertReader insert, QueryReader reader, ParserRuleContext tree) {
        TableUse target = insert.target();
        reader.tables().needs().writes(target.keyspace());
        refuseTarget(target);
        if (target.isReference()) {
            return new ReferenceWrites(reader).insert(target, insert.insertId(), tree);
        }
        if (target.isSharded()) {
            return InsertSelects.plan(insert, reader, () -> keyedInsert(insert, reader, tree));
        }
        boolean apart = reader.uses().stream().noneMatch(TableUse::isSharded);
        if (!apart && insert.select().isPresent() && target.origin() == TableUse.Origin.SINGLE) {
            return InsertSelects.intoSingle(insert, reader);
        }
        if (!apart) {
            throw new PlanRejection(
                    ErrorCode.CROSS_SHARD_WRITE,
                    "table " + target.describe() + " is on the default shard only");
        }
        reader.requireEverySelectRead();
        Traits traits = Traits.NONE.planned(true, insert.insertId());
        var uses = new ArrayList<>(reader.uses());
        uses.add(target);
        return PlainUses.plan(uses, Access.WRITE, traits)
                .orElseGet(() -> new Plan.OnDefaultShard(Access.WRITE, traits));
    }

    private static Plan keyedInsert(
            InsertReader insert, QueryReader reader, ParserRuleContext tree) {
        TableUse target = insert.target();
        insert.requireKeyed();
        reader.graph().spread();
        boolean reads = reader.uses().stream().anyMatch(TableUse::isSharded);
        var values = new LinkedHashSet<>(insert.stored());
        values.addAll(compared(reader, ErrorCode.CROSS_SHARD_WRITE));
        refuseMixture(reader, ErrorCode.CROSS_SHARD_WRITE);
        requireSameType(target, reader);
        reader.requireEverySelectRead();
        Set<ReferenceTable> references = ReferenceReads.tables(reader);
        boolean several = values.size() > 1 || target.autoIncrement().isPresent();
        Optional<Plan> spread =
                reader.uses().isEmpty() && several
                        ? new SpreadWrites(reader).insert(insert, tree)
                        : Optional.empty();
        if (spread.isPresent()) {
            return spread.get();
        }
        if (!target.keyIsAutoIncrement()) {
            Pin.Use use = reads ? Pin.Use.STORED_AND_COMPARED : Pin.Use.STORED;
            var pin = new Pin(target.key().type(), use, sorted(values));
            Traits traits = Traits.NONE.planned(true, insert.insertId());
            return new Plan.Keyed(pin, Access.WRITE, traits.reading(references));
        }
        Pin.Use use = reads ? Pin.Use.STORED_AND_COMPARED : Pin.Use.STORED_OR_DRAWN;
        Optional<Pin> pin =
                values.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Pin(target.key().type(), use, sorted(values)));
        // MySQL sees a given key only, which leaves LAST_INSERT_ID() alone.
        return new Plan.KeyedInsert(
                target.drawnKey(insert.keySource(pin, reads)),
                Traits.ON_TABLES.reading(references));
    }

    private static Plan write(WriteReader write, QueryReader reader, ParserRuleContext tree) {
        List<TableUse> written = write.written();
        written.forEach(target -> reader.tables().needs().writes(target.keyspace()));
        written.forEach(StatementPlanner::refuseTarget);
        if (written.stream().anyMatch(TableUse::isReference)) {
            return new ReferenceWrites(reader).change(tree);
        }
        return AssembledChanges.plan(write, reader, () -> written(written, reader, tree));
    }

    private static Plan written(
            List<TableUse> written, QueryReader reader, ParserRuleContext tree) {
        if (written.stream().allMatch(TableUse::isSharded) && !reader.usesLocks()) {
            reader.requireEverySelectRead();
            reader.graph().spread();
            Optional<String> apart = apart(reader);
            if (apart.isPresent()) {
                return new SpreadWrites(reader).change(tree, apart.get());
            }
        }
        return decide(reader, Access.WRITE, Set.copyOf(written));
    }

    private static void refuseTarget(TableUse target) {
        boolean onlySingle = !target.isSharded() && target.references().isEmpty();
        if (target.isView() && !onlySingle) {
            throw PlanRejection.notOffered(
                    "writing through the view " + target.describe() + "; write its table");
        }
        switch (target.origin()) {
            case SYSTEM -> throw PlanRejection.notOffered("writing the server's own tables");
            case DERIVED -> throw PlanRejection.notUnderstood("writing a derived table");
            case SHARDED, REFERENCE, SINGLE, PLAIN -> {}
        }
    }

    private static Plan decide(QueryReader reader, Access access, Set<TableUse> written) {
        reader.requireEverySelectRead();
        ErrorCode unpinned =
                access == Access.WRITE ? ErrorCode.CROSS_SHARD_WRITE : ErrorCode.CROSS_SHARD_READ;
        List<TableUse> sharded = reader.uses().stream().filter(TableUse::isSharded).toList();
        if (sharded.isEmpty()) {
            return withoutSharded(reader, access);
        }
        reader.graph().spread();
        if (access != Access.WRITE && reader.mayRunElsewhere()) {
            Optional<String> apart = apart(reader);
            if (apart.isPresent()) {
                ReferenceReads.refuseLocks(reader);
                return AssemblyReader.plan(reader, apart.get());
            }
        }
        refuseMixture(reader, unpinned);
        ReferenceReads.refuseLocks(reader);
        Set<ValueRef> values = compared(reader, unpinned);
        requireSameType(sharded.getFirst(), reader);
        KeyType type = sharded.getFirst().key().type();
        var pin = new Pin(type, Pin.Use.COMPARED, sorted(values));
        Traits traits = Traits.ON_TABLES.reading(ReferenceReads.tables(reader));
        boolean alone = reader.uses().size() == 1;
        Optional<Plan.Assemble> several;
        try {
            several = otherwise(reader, access);
        } catch (ReadAgain again) {
            throw again.keyed(new Plan.Keyed(pin, access, traits, Optional.empty()));
        }
        Optional<Plan.Assemble> otherwise =
                several.map(read ->
                        alone ? read.keyedBy(new SpreadTarget.Listed(type, pin.values())) : read);
        return new Plan.Keyed(pin, access, traits, otherwise);
    }

    /** Why no one shard can answer; empty if one can. */
    private static Optional<String> apart(QueryReader reader) {
        Optional<TableUse> first = Optional.empty();
        for (TableUse use : reader.uses()) {
            if (use.origin() == TableUse.Origin.SINGLE) {
                return Optional.of("table " + use.describe() + " is on the default shard only");
            }
            if (!use.isSharded()) {
                continue;
            }
            if (reader.graph().pinsOf(use).isEmpty()) {
                return Optional.of(notPinned(use));
            }
            if (first.isPresent() && !use.key().type().equals(first.get().key().type())) {
                return Optional.of(
                        "the shard keys of %s and %s have different types"
                                .formatted(first.get().describe(), use.describe()));
            }
            first = Optional.of(use);
        }
        return Optional.empty();
    }

    private static String notPinned(TableUse use) {
        return "table %s needs %s = one value".formatted(use.describe(), use.key().column());
    }

    private static Optional<Plan.Assemble> otherwise(QueryReader reader, Access access) {
        if (access == Access.WRITE || !reader.mayRunElsewhere()) {
            return Optional.empty();
        }
        try {
            return Optional.of(AssemblyReader.plan(reader, "its values are several keys"));
        } catch (ReadAgain again) {
            throw again;
        } catch (PlanRejection _) {
            return Optional.empty();
        }
    }

    private static Plan withoutSharded(QueryReader reader, Access access) {
        Optional<Plan> plain = PlainUses.plan(reader.uses(), access, Traits.ON_TABLES);
        if (plain.isPresent()) {
            return plain.get();
        }
        boolean onlyReference =
                reader.uses().stream()
                        .map(TableUse::origin)
                        .filter(origin -> origin != TableUse.Origin.DERIVED)
                        .allMatch(origin -> origin == TableUse.Origin.REFERENCE);
        boolean some =
                reader.uses().stream().anyMatch(use -> use.origin() == TableUse.Origin.REFERENCE);
        if (onlyReference && some && access == Access.READ) {
            return new Plan.AnyShard(
                    access, Traits.ON_TABLES.reading(ReferenceReads.tables(reader)));
        }
        boolean tables =
                reader.uses().stream().anyMatch(use -> use.origin() != TableUse.Origin.DERIVED);
        return new Plan.OnDefaultShard(access, Traits.NONE.planned(tables, InsertId.KEPT));
    }

    /** What sharded tables are compared with; every one must be pinned. */
    private static Set<ValueRef> compared(QueryReader reader, ErrorCode unpinned) {
        var values = new LinkedHashSet<ValueRef>();
        for (TableUse use : reader.uses()) {
            if (use.isSharded()) {
                Set<ValueRef> pins = reader.graph().pinsOf(use);
                if (pins.isEmpty()) {
                    throw new PlanRejection(unpinned, notPinned(use));
                }
                values.addAll(pins);
            }
        }
        return values;
    }

    private static void refuseMixture(QueryReader reader, ErrorCode code) {
        if (reader.usesLocks()) {
            throw PlanRejection.notOffered("GET_LOCK and its like together with sharded tables");
        }
        for (TableUse use : reader.uses()) {
            switch (use.origin()) {
                case SINGLE, PLAIN, SYSTEM ->
                        throw new PlanRejection(
                                code, "table " + use.describe() + " is on the default shard only");
                case SHARDED, REFERENCE, DERIVED -> {}
            }
        }
    }

    private static void requireSameType(TableUse first, QueryReader reader) {
        for (TableUse use : reader.uses()) {
            if (use.isSharded() && !use.key().type().equals(first.key().type())) {
                throw new PlanRejection(
                        ErrorCode.DIFFERENT_KEYS,
                        "the shard keys of %s and %s have different types"
                                .formatted(first.describe(), use.describe()));
            }
        }
    }

    private static List<ValueRef> sorted(Set<ValueRef> values) {
        var result = new ArrayList<>(values);
        result.sort(
                Comparator.comparingInt(value ->
                        switch (value) {
                            case ValueRef.Literal(int index, _) -> index;
                            case ValueRef.Parameter(int index) -> 1_000_000_000 + index;
                        }));
        return result;
    }

    private static Plan explain(ExplainContext explain, ParsedSql sql, TableResolver tables) {
        if (explain.connectionId() != null) {
            throw PlanRejection.notOffered("EXPLAIN FOR CONNECTION");
        }
        if (explain.tableName() != null) {
            TableUse use = tables.use(Names.table(explain.tableName()), Optional.empty());
            return use.origin() == TableUse.Origin.PLAIN
                    ? new Plan.Plain(use.keyspace(), Access.READ, Traits.NONE)
                    : new Plan.OnDefaultShard(Access.READ, Traits.NONE);
        }
        Plan inner = statement(explained(explain), sql, tables);
        Access access = explain.ANALYZE() == null ? Access.READ : Access.LOCKING_READ;
        return switch (inner) {
            case Plan.Keyed(var pin, _, var traits, _) -> new Plan.Keyed(pin, access, traits);
            // Every shard has the table, and its answer does not depend on the rows of one key.
            case Plan.KeyedInsert(_, var traits) -> new Plan.OnDefaultShard(access, traits);
            case Plan.AnyShard(_, var traits) -> new Plan.AnyShard(access, traits);
            case Plan.OnDefaultShard(_, var traits) -> new Plan.OnDefaultShard(access, traits);
            case Plan.WriteReference(_, var traits) -> new Plan.OnDefaultShard(access, traits);
            case Plan.SpreadWrite write -> {
                if (write.kind() != SpreadKind.CHANGE) {
                    // Every shard has the table, and its answer does not depend on one key's rows.
                    yield new Plan.OnDefaultShard(access, write.traits());
                }
                if (access != Access.READ) {
                    throw new PlanRejection(
                            ErrorCode.CROSS_SHARD_WRITE, "EXPLAIN ANALYZE runs it; write EXPLAIN");
                }
                yield new Plan.Explain(write, headOf(explain, sql), false, write.traits());
            }
            case Plan.InsertSelect insert ->
                    throw new PlanRejection(
                            ErrorCode.CROSS_SHARD_READ,
                            "EXPLAIN of a statement that no one shard answers: " + insert.why());
            case Plan.Change change -> {
                if (change.together().isPresent()) {
                    yield new Plan.Keyed(change.together().get().pin(), access, change.traits());
                }
                if (access != Access.READ) {
                    throw new PlanRejection(
                            ErrorCode.CROSS_SHARD_WRITE, "EXPLAIN ANALYZE runs it; write EXPLAIN");
                }
                yield new Plan.Explain(change.read(), headOf(explain, sql), false, change.traits());
            }
            case Plan.Plain(var keyspace, _, var traits) ->
                    new Plan.Plain(keyspace, access, traits);
            case Plan.Assemble read ->
                    new Plan.Explain(
                            read, headOf(explain, sql), access != Access.READ, read.traits());
            case Plan.Described _,
                    Plan.Explain _,
                    Plan.Load _,
                    Plan.Control _,
                    Plan.Admin _,
                    Plan.DefineTable _,
                    Plan.DefineKeyspace _,
                    Plan.Stored _,
                    Plan.Rejected _ ->
                    inner;
        };
    }

    private static int headOf(ExplainContext explain, ParsedSql sql) {
        return sql.tokenOf(Names.leaves(explained(explain)).getFirst());
    }

    private static ParserRuleContext explained(ExplainContext explain) {
        ParserRuleContext holder =
                explain.explainableStatement() == null ? explain : explain.explainableStatement();
        for (int child = 0; child < holder.getChildCount(); child++) {
            if (holder.getChild(child) instanceof ParserRuleContext statement
                    && (statement instanceof SelectContext
                            || statement instanceof InsertContext
                            || statement instanceof ReplaceContext
                            || statement instanceof UpdateContext
                            || statement instanceof DeleteContext)) {
                return statement;
            }
        }
        throw PlanRejection.notUnderstood(
                "EXPLAIN of " + explain.getText().toLowerCase(Locale.ROOT));
    }
}
