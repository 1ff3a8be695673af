package io.shardway.proxy.settings;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The two ways to give a password: neither puts it into the settings file. Immutable.
 *
 * @param file the password is a file's first line
 * @param variable the password is in this environment variable
 */
record SecretSetting(Setting<Optional<Path>> file, Setting<String> variable) {}
