"""The record light: a button that asks for a recording, and burns red while there is one."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton, QSizePolicy

from rtvae.window import theme
from rtvae.window.text import tip
from rtvae.window.wire import Recording

_NAME_PX = 320


class RecordLight(QPushButton):
    """Shows whether it records, for how long, and into which file; said in words and by a shape."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("record")
        self.setAccessibleName("Record")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(theme.LARGE_PX, bold=True))
        self.burning = False
        self.show_recording(None)

    def show_recording(self, recording: Recording | None) -> None:
        """Show what the host records, or that it does not."""
        burning = recording is not None and recording.on
        if recording is None:
            text, hint = "○ RECORD", "Record what is heard and played to the disk (R)"
        elif not recording.on:
            text, hint = "◌ STARTING", "The recording begins with a fresh voice (R: not now)"
        else:
            minutes, seconds = divmod(recording.seconds, 60)
            metrics = self.fontMetrics()
            name = metrics.elidedText(recording.file, Qt.TextElideMode.ElideMiddle, _NAME_PX)
            text = f"● REC {minutes}:{seconds:02d}  {name}"
            hint = f"Recording to {recording.file} (R: stop)"
        if text != self.text():
            self.setText(text)
            self.setToolTip(tip(hint))
            self.setAccessibleDescription(hint)
        if burning != self.burning or self.property("lit") is None:
            self.burning = burning
            self.setProperty("lit", burning)
            style = self.style()
            if style is not None:
                style.unpolish(self)
                style.polish(self)
