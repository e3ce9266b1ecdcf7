"""What can go wrong while making a corpus, in words for the person who asked for it."""


class CorpusError(Exception):
    """Why no corpus was made, in one sentence with the remedy."""
