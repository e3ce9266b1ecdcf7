"""Shared memory between the processes: the control block and the telemetry, nothing else."""
