"""The host: starts engine and window, looks after both, and turns knobs into settings."""
