package io.koshi.codec.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.codec.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ClassLoaderTest {
    record Guest(String name, int age) {}

    /** Loads Guest anew, as a plugin's bundle would. */
    private static final class Plugin extends ClassLoader {
        Plugin() {
            super(ClassLoaderTest.class.getClassLoader());
        }

        Class<?> guest() throws IOException {
            String file = "/" + Guest.class.getName().replace('.', '/') + ".class";
            try (InputStream in = ClassLoaderTest.class.getResourceAsStream(file)) {
                byte[] code = in.readAllBytes();
                return defineClass(Guest.class.getName(), code, 0, code.length);
            }
        }
    }

    @Test
    void letsARecordsClassLoaderGo() throws IOException {
        Codec codec = new RecordCodec();
        WeakReference<ClassLoader> gone = use(codec);
        Awaitility.await().until(() -> {
            System.gc();
            return gone.get() == null;
        });
        assertThat(codec.toData(new Guest("a", 1))).isEqualTo(Map.of("name", "a", "age", 1L));
    }

    private static WeakReference<ClassLoader> use(Codec codec) throws IOException {
        Plugin plugin = new Plugin();
        Class<?> type = plugin.guest();
        Object guest = codec.fromData(Map.of("name", "Ada", "age", 36L), type);
        assertThat(guest.getClass()).isNotEqualTo(Guest.class);
        assertThat(codec.parseCbor(codec.cbor(guest))).isEqualTo(codec.parseJson(codec.json(guest)));
        codec.schema(type);
        return new WeakReference<>(plugin);
    }
}
