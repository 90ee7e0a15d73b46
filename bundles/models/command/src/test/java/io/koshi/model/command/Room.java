package io.koshi.model.command;

import io.koshi.pool.internal.Workshop;
import java.nio.file.Path;

/** The real neighbours of the model in a folder: store, threads and programs. */
final class Room extends io.koshi.testkit.room.Room {
    final Workshop workshop;

    Room(Path folder) {
        super(folder);
        this.workshop = new Workshop(folder, System.getenv());
    }

    @Override
    public void close() {
        workshop.close();
        super.close();
    }
}
