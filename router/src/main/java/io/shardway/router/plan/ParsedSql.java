package io.shardway.router.plan;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementLexer;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser;
import org.apache.shardingsphere.sql.parser.autogen.MySQLStatementParser.ExecuteContext;
import org.jspecify.annotations.Nullable;

/**
 * The lossless parse tree of one statement, and where its literals and parameters stand. The tree
 * is made only if the parser's tokens agree with our lexer's. Confined to one call of the planner.
 */
final class ParsedSql {

    /** Full context prediction can take very long on long statements that are wrong anyway. */
    private static final int FULL_CONTEXT_TOKENS_MAX = 2_000;

    private final ParserText text;
    private final List<Token> tokens;
    private final Map<Integer, Integer> parameterByToken;
    private @Nullable ExecuteContext tree;
    private String problem = "";

    private ParsedSql(ParserText text, List<Token> tokens, Map<Integer, Integer> parameters) {
        this.text = text;
        this.tokens = tokens;
        this.parameterByToken = parameters;
    }

    static ParsedSql of(ParserText text, GrammarMemory memory) {
        var lexer = new MySQLStatementLexer(CharStreams.fromString(text.masked()));
        lexer.removeErrorListeners();
        lexer.addErrorListener(new RefusingListener());
        var stream = new CommonTokenStream(lexer);
        stream.fill();
        var result = new ParsedSql(text, stream.getTokens(), parameters(stream, text));
        result.requireSameLiterals();
        result.parse(stream, memory);
        return result;
    }

    Optional<ExecuteContext> tree() {
        return Optional.ofNullable(tree);
    }

    /** Where the parser gave up; empty if it did not. */
    String problem() {
        return problem;
    }

    List<Token> tokens() {
        return tokens;
    }

    ParserText text() {
        return text;
    }

    /** The literal that is exactly this token, or -1. */
    int literalOf(TerminalNode leaf) {
        return text.literalAt(leaf.getSymbol().getStartIndex(), leaf.getSymbol().getStopIndex());
    }

    /** Which of our own lexer's tokens begins where this leaf does. */
    int tokenOf(TerminalNode leaf) {
        int start = text.base() + leaf.getSymbol().getStartIndex();
        List<io.shardway.router.sql.Token> own = text.tokens();
        for (int token = 0; token < own.size(); token++) {
            if (own.get(token).start() == start) {
                return token;
            }
        }
        throw PlanRejection.notUnderstood("the word at byte " + start);
    }

    int parameterOf(TerminalNode leaf) {
        Integer index = parameterByToken.get(leaf.getSymbol().getTokenIndex());
        if (index == null) {
            throw PlanRejection.notUnderstood("a parameter in an unexpected place");
        }
        return index;
    }

    private static Map<Integer, Integer> parameters(CommonTokenStream stream, ParserText text) {
        var result = new HashMap<Integer, Integer>();
        for (Token token : stream.getTokens()) {
            if (token.getType() == MySQLStatementLexer.QUESTION_) {
                result.put(token.getTokenIndex(), result.size());
            }
        }
        if (result.size() != text.parameters()) {
            throw PlanRejection.notUnderstood("the parameters cannot be counted");
        }
        return result;
    }

    private void requireSameLiterals() {
        var literals = text.literals();
        var met = new BitSet();
        for (Token token : tokens) {
            if (isLiteral(token.getType())) {
                int index = literalAround(token);
                if (index < 0) {
                    throw differ(token.getStartIndex());
                }
                met.set(index);
            }
        }
        if (met.cardinality() != literals.count()) {
            throw differ(literals.start(met.nextClearBit(0)) - text.base());
        }
    }

    private int literalAround(Token token) {
        int exact = text.literalAt(token.getStartIndex(), token.getStopIndex());
        if (exact >= 0) {
            return exact;
        }
        // A charset introducer belongs to our literal, not to the parser's.
        var literals = text.literals();
        for (int index = 0; index < literals.count(); index++) {
            boolean around =
                    literals.start(index) - text.base() <= token.getStartIndex()
                            && literals.end(index) - text.base() > token.getStopIndex();
            if (around && !text.isString(index)) {
                return index;
            }
        }
        return -1;
    }

    private static boolean isLiteral(int type) {
        return type == MySQLStatementLexer.NUMBER_
                || type == MySQLStatementLexer.SINGLE_QUOTED_TEXT
                || type == MySQLStatementLexer.DOUBLE_QUOTED_TEXT
                || type == MySQLStatementLexer.NCHAR_TEXT
                || type == MySQLStatementLexer.HEX_DIGIT_
                || type == MySQLStatementLexer.BIT_NUM_;
    }

    private static PlanRejection differ(int at) {
        return PlanRejection.notUnderstood("the literal at byte " + at);
    }

    private void parse(CommonTokenStream stream, GrammarMemory memory) {
        try {
            tree = whole(parser(stream, memory, PredictionMode.SLL, true));
        } catch (ParseCancellationException _) {
            boolean isLong = tokens.size() > FULL_CONTEXT_TOKENS_MAX;
            PredictionMode mode = isLong ? PredictionMode.SLL : PredictionMode.LL;
            try {
                tree = whole(parser(stream, memory, mode, false));
            } catch (ParseCancellationException failure) {
                problem = describe(failure);
            }
        }
    }

    private static MySQLStatementParser parser(
            CommonTokenStream stream, GrammarMemory memory, PredictionMode mode, boolean hasty) {
        stream.seek(0);
        var parser = new MySQLStatementParser(stream);
        memory.teach(parser, hasty);
        parser.removeErrorListeners();
        parser.setErrorHandler(new BailErrorStrategy());
        parser.getInterpreter().setPredictionMode(mode);
        return parser;
    }

    /** The grammar is content with a statement and a semicolon; here nothing may follow. */
    private static ExecuteContext whole(MySQLStatementParser parser) {
        ExecuteContext result = parser.execute();
        if (parser.getCurrentToken().getType() != Token.EOF) {
            throw new ParseCancellationException("more than one statement");
        }
        return result;
    }

    private static String describe(ParseCancellationException failure) {
        if (failure.getCause() instanceof RecognitionException cause
                && cause.getOffendingToken() != null) {
            Token token = cause.getOffendingToken();
            return token.getType() == Token.EOF
                    ? "at its end"
                    : "near byte " + token.getStartIndex();
        }
        return "more than one statement";
    }

    private static final class RefusingListener extends BaseErrorListener {
        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer,
                Object symbol,
                int line,
                int column,
                String message,
                RecognitionException cause) {
            throw PlanRejection.notUnderstood("unexpected character at byte " + column);
        }
    }
}
