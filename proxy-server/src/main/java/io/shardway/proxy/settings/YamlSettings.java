package io.shardway.proxy.settings;

import io.shardway.proxy.settings.SettingValues.Given;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a settings file into keys with dots. Confined to its thread. It takes YAML's tree, not its
 * objects: nothing is constructed, no value is reinterpreted (a port of 0123, a password of no),
 * and every value knows its line.
 */
final class YamlSettings {

    private final String fileName;
    private final Map<String, Given> given = new HashMap<>();

    private YamlSettings(String fileName) {
        this.fileName = fileName;
    }

    static Map<String, Given> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException unreadable) {
            throw Setting.wrong("cannot read the settings file " + file);
        }
        return parse(file.toString(), text);
    }

    static Map<String, Given> parse(String fileName, String text) {
        var settings = new YamlSettings(fileName);
        Node root;
        try {
            root =
                    new Yaml(new SafeConstructor(new LoaderOptions()))
                            .compose(new StringReader(text));
        } catch (MarkedYAMLException broken) {
            int line = broken.getProblemMark() == null ? 1 : broken.getProblemMark().getLine() + 1;
            throw Setting.wrong(
                    "%s:%d: not valid YAML: %s".formatted(fileName, line, broken.getProblem()));
        }
        // An empty file, or one of comments only, has no node.
        if (root != null && !root.getTag().equals(Tag.NULL)) {
            settings.take("", root);
        }
        return settings.given;
    }

    private void take(String key, Node node) {
        switch (node) {
            case MappingNode mapping ->
                    mapping.getValue()
                            .forEach(tuple -> take(keyOf(key, tuple), tuple.getValueNode()));
            case ScalarNode scalar -> add(key, scalar, scalar.getValue());
            case SequenceNode sequence -> add(key, sequence, listOf(sequence));
            default -> throw Setting.wrong(originOf(node) + ": aliases are not read here");
        }
    }

    private String keyOf(String parent, NodeTuple tuple) {
        if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
            throw Setting.wrong(originOf(tuple.getKeyNode()) + ": a key is a word");
        }
        return parent.isEmpty() ? name.getValue() : parent + "." + name.getValue();
    }

    private void add(String key, Node node, String text) {
        if (key.isEmpty()) {
            throw Setting.wrong(originOf(node) + ": the file must begin with a key");
        }
        if (node.getTag().equals(Tag.NULL)) {
            throw Setting.wrong("%s: %s has no value".formatted(originOf(node), key));
        }
        Given earlier = given.put(key, new Given(text, originOf(node)));
        if (earlier != null) {
            throw Setting.wrong(
                    "%s: %s was set already at %s"
                            .formatted(originOf(node), key, earlier.origin()));
        }
    }

    private String listOf(SequenceNode sequence) {
        return sequence.getValue().stream()
                .map(item -> {
                    if (item instanceof ScalarNode scalar) {
                        return scalar.getValue();
                    }
                    throw Setting.wrong(originOf(item) + ": a list holds plain values");
                })
                .collect(Collectors.joining(","));
    }

    private String originOf(Node node) {
        return fileName + ":" + (node.getStartMark().getLine() + 1);
    }
}
