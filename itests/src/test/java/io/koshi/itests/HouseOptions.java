package io.koshi.itests;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;

import io.koshi.launcher.ClassPathModules;
import io.koshi.launcher.Distribution;
import io.koshi.launcher.FeatureBundle;
import io.koshi.launcher.FrameworkProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.ProvisionOption;

/**
 * The house of the distribution as Pax Exam options: the framework's properties, the core bundles with their levels,
 * and the bundles that a test needs in there with it.
 */
final class HouseOptions {
    private final Distribution distribution = new Distribution(
            Path.of(System.getProperty("koshi.dist")).toAbsolutePath().normalize());
    private final Path home;
    private final boolean isolated;
    private final List<FeatureBundle> core;

    HouseOptions(Path home, boolean isolated) throws IOException {
        this.home = home;
        this.isolated = isolated;
        core = distribution.bundles().stream().filter(b -> !b.garden()).toList();
    }

    Option[] all() throws IOException {
        List<Option> all = new ArrayList<>();
        FrameworkProperties.of(distribution, home, home.resolve("koshi.yaml"), home.resolve("koshi.sock"), isolated)
                .forEach((key, value) -> all.add(frameworkProperty(key).value(value)));
        all.add(cleanCaches(true));
        all.add(frameworkStartLevel(FrameworkProperties.GARDEN_LEVEL));
        core.forEach(each -> all.add(option(each)));
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("koshi.test.bundles")))) {
            jars.sorted().forEach(jar -> all.add(bundle(jar.toUri().toString()).startLevel(3)));
        }
        return all.toArray(Option[]::new);
    }

    /** Felix, with the connector of the launcher where bundles are not isolated. */
    org.osgi.framework.launch.FrameworkFactory framework() {
        FrameworkFactory felix = new FrameworkFactory();
        if (isolated) {
            return felix;
        }
        Map<String, Path> jars = core.stream().collect(Collectors.toMap(FeatureBundle::jar, distribution::jar));
        ClassPathModules modules = new ClassPathModules(jars, new FlatClassPath(jars.values()));
        return properties -> felix.newFramework(properties, modules);
    }

    private ProvisionOption<?> option(FeatureBundle each) {
        String location = isolated ? distribution.jar(each).toUri().toString() : ClassPathModules.location(each.jar());
        ProvisionOption<?> option = bundle(location).startLevel(each.level());
        return each.starts(isolated) ? option : option.noStart();
    }
}
