"""The latency lab: is what is reported true? Measured in frames, on the real device."""
