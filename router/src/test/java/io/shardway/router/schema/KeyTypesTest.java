package io.shardway.router.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.KeyType;
import org.junit.jupiter.api.Test;

class KeyTypesTest {

    @Test
    void takesIntegersBinariesAndBinaryText() {
        fits("tinyint", "tinyint", new KeyType.Integer(1, false));
        fits("smallint", "smallint unsigned", new KeyType.Integer(2, true));
        fits("mediumint", "mediumint", new KeyType.Integer(3, false));
        fits("int", "int(10) unsigned", new KeyType.Integer(4, true));
        fits("bigint", "bigint unsigned", new KeyType.Integer(8, true));
        fits("binary", "binary(16)", new KeyType.Binary(16, true));
        fits("varbinary", "varbinary(255)", new KeyType.Binary(255, false));
        fits("varchar", "varchar(64)", new KeyType.Text(64));
    }

    @Test
    void refusesWhatHoldsUnequalBytesEqualOrChangesThem() {
        refuses(column("int", "int(10) unsigned zerofill", "", false), "ZEROFILL");
        refuses(column("bigint", "bigint", "", true), "NULL");
        refuses(column("varchar", "varchar(9)", "utf8mb4_0900_ai_ci", false), "collation");
        refuses(column("varchar", "varchar(9)", "utf8mb4_bin", false), "collation");
        refuses(column("char", "char(9)", "utf8mb4_0900_bin", false), "VARCHAR");
        refuses(column("decimal", "decimal(20,0)", "", false), "decimal");
        refuses(column("enum", "enum('a')", "utf8mb4_0900_bin", false), "enum");
        refuses(column("double", "double", "", false), "double");
    }

    private static void fits(String dataType, String columnType, KeyType expected) {
        ColumnSchema column = column(dataType, columnType, "utf8mb4_0900_bin", false);
        assertThat(KeyTypes.of(column).type()).contains(expected);
    }

    private static void refuses(ColumnSchema column, String why) {
        assertThat(KeyTypes.of(column).type()).isEmpty();
        assertThat(KeyTypes.of(column).refusal()).contains(why);
    }

    private static ColumnSchema column(
            String dataType, String columnType, String collation, boolean nullable) {
        return new ColumnSchema("id", dataType, columnType, collation, nullable, false);
    }
}
