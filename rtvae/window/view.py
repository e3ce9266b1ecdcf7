"""What every view is: a widget that follows the picture, frame by frame, while it is shown."""

from PyQt6.QtWidgets import QWidget

from rtvae.window.picture import Picture


class View(QWidget):
    """Subclasses draw what is new, and ask for a repaint only if something is."""

    def follow(self, picture: Picture) -> None:
        """Show this frame. A plain view is empty: there is nothing to do."""
