package io.koshi.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.koshi.model.Model;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Rpc;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules 5, 7, 8 and 10 of the architecture, read from the byte code. */
class CodeRulesTest {
    private static final JavaClasses CODE = new ClassFileImporter()
            .importPaths(BuiltBundle.all().values().stream()
                    .map(bundle -> bundle.folder().resolve("target/classes"))
                    .toArray(Path[]::new));

    private static final Set<String> COMPONENTS = BuiltBundle.all().values().stream()
            .flatMap(bundle -> bundle.components().stream())
            .map(BuiltBundle.ComponentXml::implementation)
            .collect(Collectors.toSet());

    @Test
    void apiSignaturesUseTheLanguageAndThemselves() {
        classes()
                .that()
                .resideInAnyPackage(apiPackages())
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..",
                                "javax.crypto..",
                                "org.osgi.annotation..",
                                "org.osgi.service.component.annotations..")
                        .or(resideInAnyPackage(apiPackages())))
                .check(CODE);
    }

    @Test
    void componentsAreFinalWithOneConstructorAndFinalFields() {
        classes()
                .that(new DescribedPredicate<JavaClass>("are components") {
                    @Override
                    public boolean test(JavaClass type) {
                        return COMPONENTS.contains(type.getName());
                    }
                })
                .should(new ArchCondition<JavaClass>("be final, with one public constructor and final fields") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        long constructors = type.getConstructors().stream()
                                .filter(constructor ->
                                        constructor.getModifiers().contains(JavaModifier.PUBLIC))
                                .count();
                        List<String> open = type.getFields().stream()
                                .filter(field -> !field.getModifiers().contains(JavaModifier.FINAL)
                                        && !field.getModifiers().contains(JavaModifier.VOLATILE)
                                        && !field.getRawType().isPrimitive())
                                .map(field -> field.getName())
                                .toList();
                        boolean good =
                                type.getModifiers().contains(JavaModifier.FINAL) && constructors == 1 && open.isEmpty();
                        events.add(new SimpleConditionEvent(
                                type,
                                good,
                                type.getName() + ": final "
                                        + type.getModifiers().contains(JavaModifier.FINAL) + ", public constructors "
                                        + constructors + ", open fields " + open));
                    }
                })
                .check(CODE);
    }

    @Test
    void threadsComeFromThePools() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.koshi.pool..", "io.koshi.store..") // who own threads
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "starts a thread or a pool",
                        call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                || call.getTargetOwner().isAssignableTo(ThreadPoolExecutor.class)
                                || call.getTargetOwner().isEquivalentTo(ForkJoinPool.class)
                                || call.getTargetOwner().isEquivalentTo(java.util.Timer.class)))
                .orShould()
                .callMethodWhere(DescribedPredicate.describe(
                        "makes an executor or an HTTP client",
                        call -> call.getTargetOwner().isEquivalentTo(Executors.class)
                                || (call.getTargetOwner().isEquivalentTo(java.net.http.HttpClient.class)
                                        && call.getName().startsWith("new"))))
                .check(CODE);
    }

    /** What a model uses is written down where it is asked; a second place would forget it. */
    @Test
    void modelsAreAskedInOnePlace() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.koshi.agent.internal.Metered")
                .and()
                .areNotAssignableTo(Model.class)
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "asks a model",
                        call -> call.getTargetOwner().isEquivalentTo(Model.class)
                                && List.of("stream", "complete").contains(call.getName())))
                .check(CODE);
    }

    @Test
    void nobodySleepsPrintsOrSwallows() {
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "sleeps or prints a stack",
                        call -> (call.getTargetOwner().isEquivalentTo(Thread.class)
                                        && call.getName().equals("sleep"))
                                || call.getName().equals("printStackTrace")))
                .check(CODE);
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Main")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CODE);
    }

    @Test
    void namesSayWhatThingsAre() {
        classes()
                .should(new ArchCondition<JavaClass>("not be an Impl, Manager, Helper, Util or Abstract") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        String name = type.getSimpleName();
                        boolean bad = name.matches(".*(Impl|Manager|Helper|Utils?)") || name.startsWith("Abstract");
                        events.add(new SimpleConditionEvent(type, !bad, type.getName()));
                    }
                })
                .check(CODE);
    }

    @Test
    void everyMethodOfTheHubIsDocumented() throws ReflectiveOperationException {
        int seen = 0;
        for (JavaClass type : CODE) {
            for (var method : type.getMethods()) {
                if (method.isAnnotatedWith(Rpc.class)) {
                    seen++;
                    check(method.reflect());
                }
            }
        }
        assertThat(seen).isGreaterThan(20);
    }

    /** An annotation whose package is not imported is not there at run time, isolated; on a flat class path it is. */
    @Test
    void annotationsOfTheApiAreImportedWhereTheyStand() throws IOException {
        List<String> exported = List.of(apiPackages());
        List<String> annotations = CODE.stream()
                .filter(type -> type.isAnnotation() && exported.contains(type.getPackageName()))
                .map(JavaClass::getName)
                .toList();
        assertThat(annotations).contains("io.koshi.codec.Default", "io.koshi.rpc.Rpc");
        Map<String, Set<String>> missing = new TreeMap<>();
        for (BuiltBundle bundle : BuiltBundle.all().values()) {
            Set<String> known = new HashSet<>(bundle.imports());
            known.addAll(bundle.exports());
            try (var files = Files.walk(bundle.folder().resolve("target/classes"))) {
                for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".class"))::iterator) {
                    // a descriptor in the constant pool, wherever in the class file it is used
                    String code = Files.readString(file, StandardCharsets.ISO_8859_1);
                    annotations.stream()
                            .filter(name -> code.contains("L" + name.replace('.', '/') + ";"))
                            .filter(name -> !known.contains(name.substring(0, name.lastIndexOf('.'))))
                            .forEach(name -> missing.computeIfAbsent(bundle.symbolicName(), n -> new TreeSet<>())
                                    .add(name));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    private static void check(Method method) {
        assertThat(method.getAnnotation(Rpc.class).value())
                .as(method.toString())
                .endsWith(".");
        List<Class<?>> records = Arrays.stream(method.getParameterTypes())
                .filter(Class::isRecord)
                .toList();
        // a Caller is a record too, but not a parameter of the wire
        List<Class<?>> params = records.stream()
                .filter(type -> type != io.koshi.rpc.Caller.class)
                .toList();
        assertThat(params).as(method.toString()).hasSizeLessThanOrEqualTo(1);
        params.forEach(type -> Arrays.stream(type.getRecordComponents())
                .forEach(component -> assertThat(component.getAnnotation(Doc.class))
                        .as("@Doc on " + type.getName() + "." + component.getName())
                        .isNotNull()));
    }

    private static String[] apiPackages() {
        return BuiltBundle.all().get("io.koshi.api").exports().toArray(String[]::new);
    }
}
