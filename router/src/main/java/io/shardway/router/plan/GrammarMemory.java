package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.TokenStream;
import org.antlr.v4.runtime.atn.ATN;
import org.antlr.v4.runtime.atn.ATNConfigSet;
import org.antlr.v4.runtime.atn.ParserATNSimulator;
import org.antlr.v4.runtime.atn.PredictionContextCache;
import org.antlr.v4.runtime.dfa.DFA;
import org.antlr.v4.runtime.dfa.DFAState;

/**
 * What the parser has learnt of its grammar from the statements it read: ANTLR's prediction tables
 * (Parr, Harwell, Fisher: Adaptive LL(*) Parsing, 2014), which grow with every new shape of
 * statement. When they hold too much they are dropped as a whole and learnt again. Thread-safe.
 */
public final class GrammarMemory {

    /** What one configuration takes with its share of what belongs to it; measured. */
    private static final int CONFIGURATION_BYTES = 64;

    /** A statement that needs more is refused: it alone could fill the heap. */
    private static final long STATEMENT_CONFIGURATIONS_MAX = 5_000_000;

    private final AtomicReference<Learnt> learnt = new AtomicReference<>(Learnt.NOTHING);
    private final AtomicLong drops = new AtomicLong();
    private volatile long bytesMax;

    /**
     * @param bytesMax how many bytes it holds, estimated, before it is dropped
     */
    public GrammarMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** From the next statement on. */
    public void limit(long toBytes) {
        bytesMax = toBytes;
    }

    /** How many bytes it holds, estimated. */
    public long bytes() {
        return learnt.get().bytes();
    }

    /** How often it was dropped. */
    public long drops() {
        return drops.get();
    }

    /**
     * Has a parser learn into this memory.
     *
     * @param hasty whether it takes {@link Shortcuts}
     */
    void teach(Parser parser, boolean hasty) {
        Learnt known = learnt.get();
        if (known == Learnt.NOTHING || known.bytes() > bytesMax) {
            var empty = Learnt.nothingOf(parser.getATN());
            if (learnt.compareAndSet(known, empty) && known != Learnt.NOTHING) {
                drops.incrementAndGet();
            }
            known = learnt.get();
        }
        parser.setInterpreter(new Predictor(parser, known, hasty));
    }

    /** Tables that belong together. Thread-safe, as ANTLR's tables are. */
    private record Learnt(
            DFA[] tables, PredictionContextCache contexts, AtomicLong configurations) {

        private static final Learnt NOTHING =
                new Learnt(new DFA[0], new PredictionContextCache(), new AtomicLong());

        private static Learnt nothingOf(ATN grammar) {
            var tables = new DFA[grammar.getNumberOfDecisions()];
            for (int decision = 0; decision < tables.length; decision++) {
                tables[decision] = new DFA(grammar.getDecisionState(decision), decision);
            }
            return new Learnt(tables, new PredictionContextCache(), new AtomicLong());
        }

        private long bytes() {
            return configurations.get() * CONFIGURATION_BYTES;
        }
    }

    /** Counts what is learnt, and what a statement takes. Confined to one parser. */
    private static final class Predictor extends ParserATNSimulator {

        private final Learnt into;
        private final boolean hasty;
        private long taken;

        private Predictor(Parser parser, Learnt into, boolean hasty) {
            super(parser, parser.getATN(), into.tables, into.contexts);
            this.into = into;
            this.hasty = hasty;
        }

        @Override
        public int adaptivePredict(TokenStream tokens, int decision, ParserRuleContext outer) {
            int alternative =
                    hasty
                            ? Shortcuts.ofMySql().alternative(decision, tokens)
                            : Shortcuts.ASK_THE_PARSER;
            return alternative == Shortcuts.ASK_THE_PARSER
                    ? super.adaptivePredict(tokens, decision, outer)
                    : alternative;
        }

        @Override
        protected DFAState addDFAState(DFA dfa, DFAState state) {
            DFAState added = super.addDFAState(dfa, state);
            if (added == state && state != ERROR) {
                into.configurations.addAndGet(state.configs.size());
            }
            return added;
        }

        @Override
        protected ATNConfigSet computeReachSet(ATNConfigSet closure, int token, boolean full) {
            ATNConfigSet reached = super.computeReachSet(closure, token, full);
            if (reached != null) {
                taken += reached.size();
                if (taken > STATEMENT_CONFIGURATIONS_MAX) {
                    throw new PlanRejection(ErrorCode.NOT_UNDERSTOOD, "it is too complex");
                }
            }
            return reached;
        }
    }
}
