"""The kernel's errors.

KernelError
├── Unanswered          a question got no answer; whoever asked treats it as "no"
│   ├── TimedOut        … within its time; the question is withdrawn
│   └── ActorDown       … because the answerer died or is not running
├── RestartLimit        a child crashed more often than its rule allows
├── Hopeless            a child knows that another life would end the same way
├── RankViolation       an actor was wired to ask one that is not strictly below it
└── Drilled             a crash that was asked for
"""

from __future__ import annotations


class KernelError(Exception):
    """Anything the actor runtime raises on purpose."""


class Unanswered(KernelError):
    """No answer: treat it as a refusal."""


class TimedOut(Unanswered):
    """The answer did not come in time; the question has been withdrawn and will be skipped."""


class ActorDown(Unanswered):
    """The answerer died with the question, or was not running when it was asked."""


class RestartLimit(KernelError):
    """A child crashed more often within the window than its restart rule allows; its owner decides what now."""


class Hopeless(KernelError):
    """Raised by a child that knows that another life would end the same way: it is past its limit at once."""


class RankViolation(KernelError):
    """Asking upward or sideways can deadlock: ranks must fall strictly along every ask."""


class Drilled(KernelError):
    """Raised inside an actor by a crash drill."""
