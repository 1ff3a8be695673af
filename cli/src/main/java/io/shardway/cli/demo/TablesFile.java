package io.shardway.cli.demo;

import io.shardway.cli.UserProblem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** The file of {@code --tables}. Immutable. */
record TablesFile(Path path, SqlScript script) {

    static TablesFile read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UserProblem("--tables: there is no file %s.".formatted(path));
        }
        try {
            return new TablesFile(path, SqlScript.parse(Files.readString(path)));
        } catch (CharacterCodingException e) {
            throw new UserProblem("--tables: %s is not UTF-8 text.".formatted(path), e);
        } catch (IOException e) {
            throw new UserProblem("--tables: %s cannot be read.".formatted(path), e);
        }
    }

    void run(Connection connection) {
        for (SqlScript.Statement each : script.statements()) {
            try (var statement = connection.createStatement()) {
                statement.execute(each.sql());
            } catch (SQLException e) {
                throw new UserProblem(
                        "%s, line %d: %s".formatted(path, each.line(), e.getMessage()), e);
            }
        }
    }
}
