"""The parts of the measurements, each `measure(bench) -> Part`."""
