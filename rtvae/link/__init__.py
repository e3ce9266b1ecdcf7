"""Shared memory between the processes: the control block and the telemetry. Nothing else is shared."""
