package io.koshi.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.house.BuiltBundle.ComponentXml;
import io.koshi.house.BuiltBundle.ReferenceXml;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Rules 1 to 4 and 6 of the architecture: who exports, who imports, who may know whom, what things are called. */
class HouseRulesTest {
    private static final Map<String, BuiltBundle> BUNDLES = BuiltBundle.all();
    private static final Set<String> API =
            Set.copyOf(BUNDLES.get("io.koshi.api").exports());

    /** What a plugin may ask the hub for. */
    private static final Set<String> FOR_THE_GARDEN = Set.of(
            "io.koshi.api.Inbox",
            "io.koshi.api.Pools",
            "io.koshi.api.Http",
            "io.koshi.api.Blobs",
            "io.koshi.api.Children",
            "io.koshi.tool.Approvals",
            "io.koshi.codec.Codec",
            "io.koshi.rpc.Registry",
            "io.koshi.event.Events",
            "io.koshi.store.Store");

    @Test
    void findsTheWholeHouse() {
        assertThat(BUNDLES.keySet())
                .contains(
                        "io.koshi.api",
                        "io.koshi.store",
                        "io.koshi.router",
                        "io.koshi.ipc",
                        "io.koshi.listener.github");
        assertThat(BUNDLES.values().stream().flatMap(bundle -> bundle.components().stream()))
                .hasSizeGreaterThan(20);
    }

    @Test
    void onlyTheApiExportsPackages() {
        BUNDLES.forEach((name, bundle) -> {
            if (!name.equals("io.koshi.api")) {
                assertThat(bundle.exports()).as(name).isEmpty();
            }
        });
    }

    @Test
    void everyBundleImportsTheApiAndNoOtherBundle() {
        BUNDLES.forEach((name, bundle) -> assertThat(bundle.imports())
                .as(name)
                .filteredOn(imported -> imported.startsWith("io.koshi"))
                .isSubsetOf(API));
    }

    @Test
    void theApiImportsNothingButItself() {
        assertThat(BUNDLES.get("io.koshi.api").imports())
                .filteredOn(imported -> !imported.startsWith("javax.crypto")) // of the JDK
                .isSubsetOf(API);
    }

    @Test
    void theGardenImportsTheApiServletsSpecificationsAndTheLog() {
        BUNDLES.values().stream()
                .filter(BuiltBundle::garden)
                .forEach(bundle -> assertThat(bundle.imports())
                        .as(bundle.symbolicName())
                        .allMatch(imported -> API.contains(imported)
                                || imported.startsWith("jakarta.servlet")
                                || imported.startsWith("org.osgi.service.")
                                || imported.equals("org.osgi.framework")
                                || imported.equals("org.slf4j")
                                || isOfTheJdk(imported)));
    }

    private static boolean isOfTheJdk(String imported) {
        return ModuleLayer.boot().modules().stream()
                .anyMatch(module -> module.getPackages().contains(imported));
    }

    @Test
    void referencesFollowTheFloors() {
        BUNDLES.values().stream()
                .filter(BuiltBundle::garden)
                .forEach(bundle -> bundle.components()
                        .forEach(component -> assertThat(services(component))
                                .as(component.name())
                                .filteredOn(service -> service.startsWith("io.koshi"))
                                .isSubsetOf(FOR_THE_GARDEN)));
    }

    /** SCR leaves a component of a cycle unbound without a word, so there is none, optional ones included. */
    @Test
    void theServiceGraphHasNoCycle() {
        Map<String, ComponentXml> components = new HashMap<>();
        Map<String, List<String>> providers = new HashMap<>();
        BUNDLES.values()
                .forEach(bundle -> bundle.components().forEach(component -> {
                    components.put(component.name(), component);
                    component
                            .services()
                            .forEach(service -> providers
                                    .computeIfAbsent(service, s -> new ArrayList<>())
                                    .add(component.name()));
                }));
        Set<String> done = new HashSet<>();
        for (String name : new TreeSet<>(components.keySet())) {
            assertThat(cycle(name, components, providers, new ArrayDeque<>(), done))
                    .as("a cycle of services")
                    .isEmpty();
        }
    }

    private static List<String> cycle(
            String name,
            Map<String, ComponentXml> components,
            Map<String, List<String>> providers,
            Deque<String> path,
            Set<String> done) {
        if (path.contains(name)) {
            List<String> found = new ArrayList<>(path);
            found.add(name);
            return found.subList(found.indexOf(name), found.size());
        }
        if (!done.contains(name)) {
            path.addLast(name);
            for (String service : services(components.get(name))) {
                for (String provider : providers.getOrDefault(service, List.of())) {
                    List<String> found = cycle(provider, components, providers, path, done);
                    if (!found.isEmpty()) {
                        return found;
                    }
                }
            }
            path.removeLast();
            done.add(name);
        }
        return List.of();
    }

    /** A gatherer of many fills a table that another component offers. */
    @Test
    void whoGathersManyOffersNothing() {
        BUNDLES.values()
                .forEach(bundle -> bundle.components().forEach(component -> {
                    boolean gathers = component.references().stream()
                            .anyMatch(reference -> reference.cardinality().endsWith("n"));
                    if (gathers) {
                        assertThat(component.services()).as(component.name()).isEmpty();
                    }
                }));
    }

    @Test
    void namesAgree() {
        BUNDLES.forEach((name, bundle) -> {
            String folder = bundle.folder().getFileName().toString();
            String kind =
                    bundle.garden() ? bundle.wing().substring(0, bundle.wing().length() - 1) + "." : "";
            assertThat(name).isEqualTo("io.koshi." + kind + folder);
            bundle.components().forEach(component -> {
                assertThat(component.name()).as("component name in " + name).startsWith(name);
                String home = bundle.garden() ? name.replace("-", "") : name + ".internal"; // no name in Java has one
                assertThat(component.implementation())
                        .as("package of " + component.name())
                        .startsWith(home + ".");
            });
        });
    }

    @Test
    void nothingIsInjectedIntoFieldsAndNothingIsModified() {
        BUNDLES.forEach((name, bundle) -> {
            if (!name.equals("io.koshi.log")) { // starts before Declarative Services, which log to it
                assertThat(bundle.manifest().getValue("Bundle-Activator"))
                        .as(name)
                        .isNull();
            }
            bundle.components().forEach(component -> {
                assertThat(component.references()).as(component.name()).noneMatch(ReferenceXml::field);
                assertThat(component.modified()).as(component.name()).isFalse();
            });
        });
    }

    /** They read koshi.yaml through Settings; each that looked for a configuration would cost a start a millisecond. */
    @Test
    void roomsAndDoorsIgnoreConfigAdmin() {
        BUNDLES.values().stream()
                .filter(bundle -> !bundle.garden())
                .forEach(bundle -> bundle.components()
                        .forEach(component -> assertThat(component.configurationPolicy())
                                .as(component.name())
                                .isEqualTo("ignore")));
    }

    private static List<String> services(ComponentXml component) {
        return component.references().stream().map(ReferenceXml::service).toList();
    }
}
