package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The collations of MySQL 8.0 by their numbers. Immutable.
 *
 * @see <a href="https://dev.mysql.com/doc/refman/8.0/en/information-schema-collations-table.html">
 *     MySQL 8.0 Reference Manual: The INFORMATION_SCHEMA COLLATIONS Table</a>
 */
public final class Collations {

    /** utf8mb4_0900_ai_ci, the server's default. */
    public static final int UTF8MB4 = 255;

    /** The collation of bytes that are not text. */
    public static final int BINARY = 63;

    private static final Map<Integer, Collation> BY_ID = load();
    private static final Map<String, Integer> DEFAULTS = defaults();

    /** MySQL's names where Java has the character set under another one. */
    private static final Map<String, String> JAVA_NAMES =
            Map.ofEntries(
                    Map.entry("utf8mb4", "UTF-8"),
                    Map.entry("utf8mb3", "UTF-8"),
                    Map.entry("utf8", "UTF-8"),
                    Map.entry("latin1", "windows-1252"),
                    Map.entry("latin2", "ISO-8859-2"),
                    Map.entry("latin5", "ISO-8859-9"),
                    Map.entry("latin7", "ISO-8859-13"),
                    Map.entry("greek", "ISO-8859-7"),
                    Map.entry("hebrew", "ISO-8859-8"),
                    Map.entry("ascii", "US-ASCII"),
                    Map.entry("cp932", "windows-31j"),
                    Map.entry("sjis", "Shift_JIS"),
                    Map.entry("ujis", "EUC-JP"),
                    Map.entry("euckr", "EUC-KR"),
                    Map.entry("eucjpms", "EUC-JP"),
                    Map.entry("tis620", "TIS-620"),
                    Map.entry("koi8r", "KOI8-R"),
                    Map.entry("koi8u", "KOI8-U"),
                    Map.entry("cp1250", "windows-1250"),
                    Map.entry("cp1251", "windows-1251"),
                    Map.entry("cp1256", "windows-1256"),
                    Map.entry("cp1257", "windows-1257"),
                    Map.entry("macroman", "x-MacRoman"),
                    Map.entry("macce", "x-MacCentralEurope"),
                    Map.entry("utf16", "UTF-16BE"),
                    Map.entry("ucs2", "UTF-16BE"),
                    Map.entry("utf16le", "UTF-16LE"),
                    Map.entry("utf32", "UTF-32BE"));

    private Collations() {}

    private record Collation(int id, String charset, String name, boolean isDefault) {}

    /** The character set of a collation, such as {@code utf8mb4} for 255. */
    public static Optional<String> charsetOf(int collationId) {
        return Optional.ofNullable(BY_ID.get(collationId)).map(Collation::charset);
    }

    /** The name of a collation, such as {@code utf8mb4_0900_ai_ci} for 255. */
    public static Optional<String> nameOf(int collationId) {
        return Optional.ofNullable(BY_ID.get(collationId)).map(Collation::name);
    }

    /** The collation that a character set has when none is named. */
    public static OptionalInt defaultOf(String charset) {
        Integer id = DEFAULTS.get(charset);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Java's character set; ISO-8859-1, which keeps every byte, for those that Java lacks. */
    public static Charset javaCharset(String charset) {
        if (charset.equals("binary")) {
            return ISO_8859_1;
        }
        String name = JAVA_NAMES.getOrDefault(charset, charset);
        return Charset.isSupported(name) ? Charset.forName(name) : ISO_8859_1;
    }

    private static Map<Integer, Collation> load() {
        Map<Integer, Collation> collations = new HashMap<>();
        for (String line : lines()) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t", -1);
                int id = Integer.parseInt(fields[0]);
                collations.put(
                        id, new Collation(id, fields[1], fields[2], fields[3].equals("yes")));
            }
        }
        return Map.copyOf(collations);
    }

    private static List<String> lines() {
        try (InputStream in =
                Objects.requireNonNull(Collations.class.getResourceAsStream("collations.tsv"))) {
            return new String(in.readAllBytes(), US_ASCII).lines().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Map<String, Integer> defaults() {
        Map<String, Integer> defaults = new HashMap<>();
        for (Collation collation : BY_ID.values()) {
            if (collation.isDefault()) {
                defaults.put(collation.charset(), collation.id());
            }
        }
        return Map.copyOf(defaults);
    }
}
