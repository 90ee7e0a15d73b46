package io.koshi.config.internal;

import java.util.List;

/** A text that is not what it should be; holds every fault that was found. */
final class FaultyText extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    FaultyText(List<Fault> faults) {
        super(faults.get(0).sentence());
        this.faults = List.copyOf(faults);
    }

    FaultyText(YamlNode.Place place, String path, String sentence) {
        this(List.of(new Fault(place, path, sentence)));
    }

    List<Fault> faults() {
        return faults;
    }
}
