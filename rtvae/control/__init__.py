"""Pure control: parameters, MIDI decoding, mapping and presets. Nothing here has a clock."""
