"""How a run beside somebody else's tool ends that is not as it should be."""


class Wrong(Exception):
    """Something is not as it should be."""


def expect(holds, sentence):
    """Ends the run with this sentence unless it holds."""
    if not holds:
        raise Wrong(sentence)
