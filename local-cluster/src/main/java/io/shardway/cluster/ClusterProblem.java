package io.shardway.cluster;

import java.util.Optional;

/**
 * Why a cluster could not start, in one sentence a newcomer understands. Immutable.
 *
 * <p>Where a command helps, {@link #remedy()} holds it, ready to be pasted into a shell.
 */
public final class ClusterProblem extends RuntimeException {

    private final String sentence;
    private final String remedy;

    ClusterProblem(String sentence) {
        this(sentence, "");
    }

    ClusterProblem(String sentence, String remedy) {
        super(remedy.isEmpty() ? sentence : sentence + " Try: " + remedy);
        this.sentence = sentence;
        this.remedy = remedy;
    }

    ClusterProblem(String sentence, Throwable cause) {
        this(sentence);
        initCause(cause);
    }

    /** What is wrong and, in words, what to do. */
    public String sentence() {
        return sentence;
    }

    /** A shell command that puts it right, if there is one. */
    public Optional<String> remedy() {
        return remedy.isEmpty() ? Optional.empty() : Optional.of(remedy);
    }
}
