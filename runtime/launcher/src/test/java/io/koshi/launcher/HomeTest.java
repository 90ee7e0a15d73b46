package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    @TempDir
    Path temp;

    @Test
    void refusesAPathThatTheDatabaseDoesNotTake() {
        Path deep = temp.resolve("long/".repeat(100));

        assertThatThrownBy(() -> Home.prepare(deep))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.exit()).isEqualTo(4))
                .hasMessageContaining("bytes")
                .hasMessageContaining("--home DIR");
        assertThat(deep).doesNotExist();
    }

    @Test
    void isOpenToItsOwnerOnly() throws IOException {
        Home home = Home.prepare(temp.resolve("a/b"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.directory())))
                .isEqualTo("rwx------");
        assertThat(home.logs()).isDirectory();
        assertThat(home.cache()).isDirectory();
    }

    @Test
    void refusesWhatIsNoDirectory() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));

        assertThatThrownBy(() -> Home.prepare(file)).isInstanceOf(Refusal.class).hasMessageContaining("--home DIR");
    }

    @Test
    void findsAShorterPlaceForTheSocketWhereItsOwnPathIsTooLong() throws IOException {
        Home near = Home.prepare(temp.resolve("n"));
        Home far = Home.prepare(temp.resolve("x".repeat(100)));
        Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", "/run/user/1");

        assertThat(near.socket(environment)).isEqualTo(near.directory().resolve("koshi.sock"));
        assertThat(far.socket(environment).toString()).matches("/run/user/1/koshi-[0-9a-f]+\\.sock");
        Path shelter = far.socket(Map.of()).getParent();
        assertThat(far.socket(Map.of()).toString().length()).isLessThan(100);
        assertThat(Files.getPosixFilePermissions(shelter))
                .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void deletesATreeButNotWhatALinkInItLeadsTo() throws IOException {
        Path kept = Files.createFile(Files.createDirectory(temp.resolve("kept")).resolve("file"));
        Path tree = Files.createDirectories(temp.resolve("tree/deep"));
        Files.createSymbolicLink(tree.resolve("link"), kept.getParent());

        Home.delete(temp.resolve("tree"));

        assertThat(temp.resolve("tree")).doesNotExist();
        assertThat(kept).exists();
    }
}
