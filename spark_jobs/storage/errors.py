"""The two ways in which a job ends early on purpose."""


class JobError(Exception):
    """Something the user can mend: bad input, a missing file, a service that is away. One sentence, exit code 1."""


class Refused(Exception):
    """Data or a result that is not good enough to go on with. One sentence with the figures, exit code 3."""
