package io.shardway.proxy.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/**
 * One column of a result, as the server describes it; names in UTF-8. Immutable.
 *
 * @param characterSet id of a collation
 * @param length greatest display length in bytes
 * @param type of {@link ColumnTypes}
 * @param flags of {@link ColumnTypes}
 * @see <a
 *     href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_column_definition.html">
 *     MySQL Client/Server Protocol: Column Definition</a>
 */
public record ColumnDefinition(
        String schema,
        String table,
        String orgTable,
        String name,
        String orgName,
        int characterSet,
        long length,
        int type,
        int flags,
        int decimals) {

    private static final int FIXED_BYTES = 12;
    private static final int NUMBER_DIGITS = 20;
    private static final int TEXT_CHARACTERS = 1024;

    /** Decimals of a column for which the number of digits means nothing. */
    private static final int NOT_FIXED_DECIMALS = 31;

    /** A nullable text column of an answer that the proxy makes itself. */
    public static ColumnDefinition text(String name) {
        return text(name, TEXT_CHARACTERS);
    }

    public static ColumnDefinition text(String name, int characters) {
        long bytes = characters * 4L;
        int type = ColumnTypes.VAR_STRING;
        return new ColumnDefinition(
                "", "", "", name, "", Collations.UTF8MB4, bytes, type, 0, NOT_FIXED_DECIMALS);
    }

    /** A nullable BIGINT column of an answer that the proxy makes itself. */
    public static ColumnDefinition number(String name) {
        int type = ColumnTypes.LONGLONG;
        int flags = ColumnTypes.BINARY_FLAG;
        return new ColumnDefinition(
                "", "", "", name, "", Collations.BINARY, NUMBER_DIGITS, type, flags, 0);
    }

    /** Reads a payload; what COM_FIELD_LIST adds after it is left unread. */
    public static ColumnDefinition read(ByteBuf payload) {
        Wire.readBytes(payload); // The catalog, always "def".
        String schema = Wire.readText(payload, UTF_8);
        String table = Wire.readText(payload, UTF_8);
        String orgTable = Wire.readText(payload, UTF_8);
        String name = Wire.readText(payload, UTF_8);
        String orgName = Wire.readText(payload, UTF_8);
        if (Wire.readNumber(payload) != FIXED_BYTES) {
            throw new MalformedPacketException("a column definition has an unknown form");
        }
        int characterSet = Wire.readShort(payload);
        long length = Wire.readInt(payload);
        int type = Wire.readByte(payload);
        int flags = Wire.readShort(payload);
        int decimals = Wire.readByte(payload);
        Wire.skip(payload, 2);
        return new ColumnDefinition(
                schema,
                table,
                orgTable,
                name,
                orgName,
                characterSet,
                length,
                type,
                flags,
                decimals);
    }

    public void write(ByteBuf out) {
        Wire.writeText(out, "def", UTF_8);
        Wire.writeText(out, schema, UTF_8);
        Wire.writeText(out, table, UTF_8);
        Wire.writeText(out, orgTable, UTF_8);
        Wire.writeText(out, name, UTF_8);
        Wire.writeText(out, orgName, UTF_8);
        Wire.writeLength(out, FIXED_BYTES);
        out.writeShortLE(characterSet).writeIntLE((int) length).writeByte(type);
        out.writeShortLE(flags).writeByte(decimals).writeZero(2);
    }
}
