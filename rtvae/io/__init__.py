"""The outside world: audio devices, MIDI ports and sound files, each behind one importer."""
