package io.shardway.router.plan;

import io.shardway.router.ErrorCode;
import java.util.Optional;

/** Leaves the reading of a statement that could be assembled if it were written otherwise. */
final class ReadAgain extends PlanRejection {

    private final transient Unfolding unfolding;
    private transient Optional<Scatter> scatter = Optional.empty();
    private transient Optional<Plan.Keyed> keyed = Optional.empty();

    ReadAgain(String detail, Unfolding unfolding) {
        super(ErrorCode.CROSS_SHARD_READ, detail);
        this.unfolding = unfolding;
    }

    /** The cheaper way of the text as it is. */
    ReadAgain scattered(Optional<Scatter> found) {
        scatter = found;
        return this;
    }

    /** What it is where its values are one key. */
    ReadAgain keyed(Plan.Keyed found) {
        keyed = Optional.of(found);
        return this;
    }

    Optional<Scatter> scatter() {
        return scatter;
    }

    /**
     * The plan of the statement.
     *
     * @param unfolded that of the text so written
     */
    Plan plan(Plan unfolded) {
        if (keyed.isPresent()) {
            Plan.Keyed one = keyed.get();
            return new Plan.Keyed(one.pin(), one.access(), one.traits(), otherwise(unfolded));
        }
        return switch (unfolded) {
            case Plan.Assemble read -> read.unfoldedBy(unfolding, scatter);
            case Plan.Explain(Plan.Assemble read, var head, var analyzes, var traits) ->
                    new Plan.Explain(read.unfoldedBy(unfolding, scatter), head, analyzes, traits);
            // What the parser does not read is no text of the client's.
            case Plan.Rejected rejected when rejected.code() != ErrorCode.NOT_UNDERSTOOD ->
                    rejected;
            default -> plan();
        };
    }

    /** Of several keys, or of one that is not told exactly. */
    private Optional<Plan.Assemble> otherwise(Plan unfolded) {
        Optional<Plan.Assemble> read =
                switch (unfolded) {
                    case Plan.Assemble assembled -> Optional.of(assembled);
                    case Plan.Keyed(_, _, _, var otherwise) -> otherwise;
                    default -> Optional.empty();
                };
        return read.map(found -> found.unfoldedBy(unfolding, scatter));
    }

    Unfolding unfolding() {
        return unfolding;
    }
}
