"""The one error that a user sees: a sentence that says what to do."""


class RhiError(Exception):
    """What went wrong, in one sentence.

    Parameters
    ----------
    message
        The sentence.
    """

    def __init__(self, message):
        Exception.__init__(self, message)
        self.message = message

    def __unicode__(self):
        return self.message
