package io.shardway.router.plan;

import io.shardway.router.sql.LiteralKind;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;

/** The literals of a buffer without the first ones. */
record LaterLiterals(Literals all, int skipped) implements Literals {

    @Override
    public int count() {
        return all.count() - skipped;
    }

    @Override
    public LiteralKind kind(int index) {
        return all.kind(index + skipped);
    }

    @Override
    public int start(int index) {
        return all.start(index + skipped);
    }

    @Override
    public int end(int index) {
        return all.end(index + skipped);
    }

    @Override
    public byte[] text() {
        return all.text();
    }

    @Override
    public SqlDialect dialect() {
        return all.dialect();
    }
}
