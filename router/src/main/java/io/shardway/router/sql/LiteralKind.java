package io.shardway.router.sql;

/** How a literal is spelled. The kind is part of the digest, its value is not. */
public enum LiteralKind {
    /** Digits only. */
    INTEGER,
    /** Digits with a point, no exponent. */
    DECIMAL,
    /** With an exponent. */
    FLOAT,
    /** In quotes, without introducer or national prefix; adjacent strings are one literal. */
    STRING,
    /** Anything else: hex, bit, national or with a charset introducer. */
    OTHER
}
