"""A page of the lower half: it hears the host, and follows the picture while it can be seen."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rtvae.window import theme, wire
from rtvae.window.picture import Picture


class Page(QFrame):
    """Base of the pages. Where a page has nothing to offer, `excuse` says why in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._reason = QLabel()
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reason.setWordWrap(True)
        self._reason.setMinimumHeight(90)
        self._reason.setFont(theme.font(theme.LARGE_PX))
        self.body = QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._reason)
        layout.addWidget(self.body)
        self.excuse("")

    def excuse(self, reason: str) -> None:
        """Say in one sentence why there is nothing here; "" shows the page itself."""
        self._reason.setText(reason)
        goes, comes = (self.body, self._reason) if reason else (self._reason, self.body)
        # What goes has to go first: with both the window would be too small, and grow.
        goes.hide()
        comes.show()

    @property
    def reason(self) -> str:
        """Why there is nothing here, "" where there is something."""
        return self._reason.text()

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        """Take in what the host says; `latents` is how many the model has."""

    def follow(self, picture: Picture) -> None:
        """Show this frame."""
