package io.shardway.router.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.Bucket;
import io.shardway.router.keyspace.KeyType;
import io.shardway.router.sql.Literals;
import io.shardway.router.sql.SqlDialect;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyResolverTest {

    private static final KeyType BIGINT = new KeyType.Integer(8, false);
    private static final KeyType UNSIGNED = new KeyType.Integer(8, true);
    private static final KeyType TINY = new KeyType.Integer(1, false);
    private static final KeyType TEXT = new KeyType.Text(5);
    private static final KeyType BINARY = new KeyType.Binary(4, true);
    private static final KeyType VARBINARY = new KeyType.Binary(4, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5", "05", "000005", "5.0", "5.", "005.000", "'5'", "\"5\"", "'5' ''", "'\\5'"
            })
    void readsEveryExactSpellingOfAnInteger(String literal) {
        assertThat(compared(BIGINT, literal)).isEqualTo(bucket("5"));
        assertThat(stored(BIGINT, literal)).isEqualTo(bucket("5"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5e0",
                "5.5",
                "0.5",
                "' 5'",
                "'5 '",
                "'05'",
                "'+5'",
                "'5.0'",
                "'5a'",
                "''",
                "'-0'",
                "0x35",
                "b'101'",
                "N'5'",
                "_utf8mb4'5'",
                "'٥'"
            })
    void refusesSpellingsThatMatchOtherKeysToo(String literal) {
        assertNotExact(() -> compared(BIGINT, literal));
        assertNotExact(() -> stored(BIGINT, literal));
    }

    @Test
    void readsNegativeKeys() {
        var literals = literals("7");
        var negated = new ValueRef.Literal(0, true);
        assertThat(resolve(BIGINT, Pin.Use.COMPARED, literals, negated)).isEqualTo(bucket("-7"));
        assertThat(compared(BIGINT, "'-7'")).isEqualTo(bucket("-7"));
        assertThat(compared(BIGINT, "0")).isEqualTo(bucket("0"));
        assertNotExact(() -> resolve(BIGINT, Pin.Use.COMPARED, literals("'7'"), negated));
    }

    @Test
    void comparesUpToTheEndsOfTheRange() {
        assertThat(compared(TINY, "127")).isEqualTo(bucket("127"));
        assertThat(compared(TINY, "128")).isEqualTo(KeyResolver.ANY);
        assertThat(compared(BIGINT, "9223372036854775807"))
                .isEqualTo(bucket("9223372036854775807"));
        assertThat(compared(BIGINT, "9223372036854775808")).isEqualTo(KeyResolver.ANY);
        assertThat(compared(UNSIGNED, "18446744073709551615"))
                .isEqualTo(bucket("18446744073709551615"));
        assertThat(compared(UNSIGNED, "18446744073709551616")).isEqualTo(KeyResolver.ANY);
        assertThat(compared(UNSIGNED, "'-1'")).isEqualTo(KeyResolver.ANY);
    }

    @Test
    void refusesToStoreOutOfRange() {
        assertThat(stored(TINY, "127")).isEqualTo(bucket("127"));
        assertNotExact(() -> stored(TINY, "128"));
        assertNotExact(() -> stored(UNSIGNED, "'-1'"));
    }

    @Test
    void comparesTextOnlyBelowTwoToTheFiftyThird() {
        assertThat(compared(BIGINT, "'9007199254740991'")).isEqualTo(bucket("9007199254740991"));
        assertNotExact(() -> compared(BIGINT, "'9007199254740992'"));
        assertNotExact(() -> compared(BIGINT, "'-9007199254740992'"));
        assertThat(stored(BIGINT, "'9007199254740993'")).isEqualTo(bucket("9007199254740993"));
        assertNotExact(
                () -> resolve(BIGINT, Pin.Use.STORED_AND_COMPARED, literals("'9007199254740993'")));
    }

    @Test
    void refusesZeroWhereMySqlDrawsAnId() {
        assertThat(stored(BIGINT, "0")).isEqualTo(bucket("0"));
        assertNotExact(() -> resolve(BIGINT, Pin.Use.STORED_OR_DRAWN, literals("0")));
        assertNotExact(() -> resolve(BIGINT, Pin.Use.STORED_OR_DRAWN, literals("'0'")));
        assertThat(resolve(BIGINT, Pin.Use.STORED_OR_DRAWN, literals("7"))).isEqualTo(bucket("7"));
    }

    @Test
    void refusesDifferentKeys() {
        assertThat(compared(BIGINT, "5", "'5'", "5.0")).isEqualTo(bucket("5"));
        assertThatThrownBy(() -> compared(BIGINT, "5", "6"))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DIFFERENT_KEYS));
    }

    @Test
    void refusesDifferentKeysOfOneBucketToo() {
        long other = 6;
        while (Bucket.numberOf(other) != Bucket.numberOf(5L)) {
            other++;
        }
        String twin = Long.toString(other);
        assertThatThrownBy(() -> compared(BIGINT, "5", twin)).isInstanceOf(ShardwayException.class);
    }

    @Test
    void goesWhereTheOtherValueIsIfOneMatchesNoRow() {
        assertThat(compared(TINY, "200", "5", "300")).isEqualTo(bucket("5"));
        assertThat(compared(TINY, "200", "300")).isEqualTo(KeyResolver.ANY);
    }

    @Test
    void readsParametersOfEveryKind() {
        assertThat(sent(BIGINT, 5L)).isEqualTo(bucket("5"));
        assertThat(sent(BIGINT, -5L)).isEqualTo(bucket("-5"));
        assertThat(sent(BIGINT, 0L)).isEqualTo(bucket("0"));
        assertThat(sent(TINY, 200L)).isEqualTo(KeyResolver.ANY);
        assertThat(sent(BIGINT, 5.0)).isEqualTo(bucket("5"));
        assertThat(sent(BIGINT, new BigDecimal("5.00"))).isEqualTo(bucket("5"));
        assertThat(sent(BIGINT, "5".toCharArray())).isEqualTo(bucket("5"));
        assertThat(sent(BIGINT, Parameters.NULL)).isEqualTo(KeyResolver.ANY);
        assertNotExact(() -> sent(BIGINT, 5.5));
        assertNotExact(() -> sent(BIGINT, 9007199254740992.0));
        assertNotExact(() -> sent(BIGINT, Double.NaN));
        assertNotExact(() -> sent(BIGINT, Double.POSITIVE_INFINITY));
        assertNotExact(() -> sent(BIGINT, new BigDecimal("5.01")));
        assertNotExact(() -> sent(BIGINT, " 5".toCharArray()));
        assertNotExact(() -> sent(BIGINT, new byte[] {'5'}));
        assertNotExact(() -> resolve(BIGINT, Pin.Use.STORED, new Parameters(Parameters.NULL)));
    }

    @Test
    void readsUnsignedParameters() {
        var huge = new Parameters(new Parameters.Unsigned(-1));
        assertThat(resolve(UNSIGNED, Pin.Use.COMPARED, huge))
                .isEqualTo(bucket("18446744073709551615"));
        assertThat(resolve(BIGINT, Pin.Use.COMPARED, huge)).isEqualTo(KeyResolver.ANY);
    }

    @Test
    void leavesAParameterInTheTextProtocolToMySql() {
        var pin = new Pin(BIGINT, Pin.Use.COMPARED, List.of(new ValueRef.Parameter(0)));
        assertThat(KeyResolver.bucketOf(pin, literals(), ParameterValues.NONE))
                .isEqualTo(KeyResolver.ANY);
    }

    @Test
    void readsTextKeysAsTheyAre() {
        assertThat(compared(TEXT, "'a'")).isEqualTo(bucket("a"));
        assertThat(compared(TEXT, "'a '")).isEqualTo(bucket("a "));
        assertThat(compared(TEXT, "'A'")).isEqualTo(bucket("A"));
        assertThat(compared(TEXT, "''")).isEqualTo(bucket(""));
        assertThat(compared(TEXT, "'größe'")).isEqualTo(bucket("größe"));
        assertThat(compared(TEXT, "'it''s'")).isEqualTo(bucket("it's"));
        assertThat(compared(TEXT, "'a\\tb\\%'")).isEqualTo(bucket("a\tb\\%"));
        assertThat(compared(TEXT, "'a' 'b'")).isEqualTo(bucket("ab"));
        assertThat(sent(TEXT, "abc".toCharArray())).isEqualTo(bucket("abc"));
        assertThat(compared(TEXT, "'toolong'")).isEqualTo(KeyResolver.ANY);
        assertNotExact(() -> stored(TEXT, "'toolong'"));
    }

    @Test
    void keepsBackslashesIfTheSessionSaysSo() {
        var dialect = new SqlDialect(false, true, false, true, 80_031);
        var literals = ScannedSql.of("'a\\n'", dialect);
        assertThat(resolve(TEXT, Pin.Use.COMPARED, literals)).isEqualTo(bucket("a\\n"));
    }

    @Test
    void refusesTextKeysThatAreNoPlainText() {
        assertNotExact(() -> compared(TEXT, "5"));
        assertNotExact(() -> compared(TEXT, "0x61"));
        assertNotExact(() -> compared(TEXT, "_utf8mb4'a'"));
        assertNotExact(() -> sent(TEXT, 5L));
        assertNotExact(() -> compared(TEXT, "'a😀'"));
        assertNotExact(() -> sent(TEXT, new byte[] {(byte) 0xC3}));
        var latin1 = new SqlDialect(false, false, false, false, 80_031);
        assertNotExact(() -> resolve(TEXT, Pin.Use.COMPARED, ScannedSql.of("'ß'", latin1)));
        assertThat(resolve(TEXT, Pin.Use.COMPARED, ScannedSql.of("'s'", latin1)))
                .isEqualTo(bucket("s"));
    }

    @Test
    void padsWhatABinaryColumnStores() {
        assertThat(stored(BINARY, "'a'")).isEqualTo(bucket("a\0\0\0"));
        assertThat(compared(BINARY, "'a\\0\\0\\0'")).isEqualTo(bucket("a\0\0\0"));
        assertThat(compared(BINARY, "'a'")).isEqualTo(KeyResolver.ANY);
        assertThat(compared(VARBINARY, "'a'")).isEqualTo(bucket("a"));
        assertThat(sent(VARBINARY, new byte[] {1, (byte) 200}))
                .isEqualTo(Bucket.of(new byte[] {1, (byte) 200}).number());
        assertNotExact(() -> stored(BINARY, "'abcde'"));
    }

    private static int compared(KeyType type, String... literals) {
        return resolve(type, Pin.Use.COMPARED, literals(literals));
    }

    private static int sent(KeyType type, Object parameter) {
        return resolve(type, Pin.Use.COMPARED, new Parameters(parameter));
    }

    private static int stored(KeyType type, String literal) {
        return resolve(type, Pin.Use.STORED, literals(literal));
    }

    private static Literals literals(String... literals) {
        return ScannedSql.of(String.join(" , ", literals), SqlDialect.DEFAULT);
    }

    private static int resolve(KeyType type, Pin.Use use, Literals literals) {
        var values = new ArrayList<ValueRef>();
        for (int index = 0; index < literals.count(); index++) {
            values.add(new ValueRef.Literal(index, false));
        }
        return resolve(type, use, literals, values.toArray(ValueRef[]::new));
    }

    private static int resolve(KeyType type, Pin.Use use, Literals literals, ValueRef... values) {
        var pin = new Pin(type, use, List.of(values));
        return KeyResolver.bucketOf(pin, literals, ParameterValues.NONE);
    }

    private static int resolve(KeyType type, Pin.Use use, Parameters parameters) {
        var pin = new Pin(type, use, List.of(new ValueRef.Parameter(0)));
        return KeyResolver.bucketOf(pin, literals(), parameters);
    }

    private static int bucket(String canonical) {
        return Bucket.of(canonical.getBytes(StandardCharsets.UTF_8)).number();
    }

    private static void assertNotExact(Runnable resolving) {
        assertThatThrownBy(resolving::run)
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.KEY_NOT_EXACT));
    }
}
