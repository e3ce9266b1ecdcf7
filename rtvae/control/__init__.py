"""Pure control: the parameter table, MIDI decoding, mapping and presets. Nothing here has a clock."""
